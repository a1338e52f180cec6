import { describe, expect, it } from 'vitest'
import type { Principal } from '@/server/kernel/context'
import { findHsmRole, HSM_ACTIONS, HSM_ROLES, type HsmAssignment } from '@/server/managed-hsm/model'
import { findAssignment, rolesAllowing } from '@/server/managed-hsm/rules'

const roleId = (name: string) => HSM_ROLES.find((r) => r.name === `Managed HSM ${name}`)!.id
const given = (scope: string, role: string, principalId = 'p'): HsmAssignment => ({
  id: 'a',
  hsmId: 'h',
  scope,
  roleDefinitionId: roleId(role),
  principalId,
  createdAt: new Date(0),
  createdBy: 'x',
})
const someone = (groupIds: string[] = []): Principal => ({ objectId: 'p', groupIds, kind: 'User', displayName: 'x' })
const may = (assignments: HsmAssignment[], action: string, scope: string, who = someone()) =>
  findAssignment(assignments, who, action, scope) !== undefined

describe('local roles', () => {
  it('reach down from /, /keys and one key, and no further', () => {
    const wrap = HSM_ACTIONS.wrap
    expect(may([given('/', 'Crypto User')], wrap, '/keys/k')).toBe(true)
    expect(may([given('/keys', 'Crypto User')], wrap, '/keys/k')).toBe(true)
    expect(may([given('/keys/K', 'Crypto User')], wrap, '/keys/k')).toBe(true)
    expect(may([given('/keys/k', 'Crypto User')], wrap, '/keys/kk')).toBe(false)
    expect(may([given('/keys/k', 'Crypto User')], wrap, '/keys')).toBe(false)
  })

  it('count for members of a group', () => {
    expect(may([given('/', 'Crypto User', 'g')], HSM_ACTIONS.wrap, '/keys/k', someone(['g']))).toBe(true)
    expect(may([given('/', 'Crypto User', 'g')], HSM_ACTIONS.wrap, '/keys/k')).toBe(false)
  })

  it('keep duties apart: who administers uses no keys, who uses keys purges none', () => {
    expect(may([given('/', 'Administrator')], HSM_ACTIONS.wrap, '/keys/k')).toBe(false)
    expect(may([given('/', 'Crypto User')], HSM_ACTIONS.purge, '/keys/k')).toBe(false)
    expect(may([given('/', 'Crypto Officer')], HSM_ACTIONS.purge, '/keys/k')).toBe(true)
    expect(may([given('/', 'Crypto Officer')], HSM_ACTIONS.unwrap, '/keys/k')).toBe(false)
  })

  it('for a service that encrypts are read, wrap and unwrap', () => {
    expect(findHsmRole('33413926-3206-4cdd-b39a-83574fe37a17')?.dataActions).toEqual([
      'keys/read/action',
      'keys/wrap/action',
      'keys/unwrap/action',
    ])
    expect(rolesAllowing(HSM_ACTIONS.wrap)).toContain('Managed HSM Crypto Service Encryption User')
  })
})
