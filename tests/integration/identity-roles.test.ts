import { describe, expect, it } from 'vitest'
import { listActivity } from '@/server/activity/service'
import { ACTIVITY_READ, ROLE_IDS } from '@/server/identity/model'
import {
  addMember,
  assignRole,
  can,
  checkDataAction,
  createGroup,
  createManagedIdentity,
  createResourceGroup,
  createUser,
  dropAssignmentsUnder,
  findPrincipal,
  listResourceGroups,
  listRoleAssignments,
  listSubscriptions,
  readableScopes,
  readTenantSettings,
  removeRoleAssignment,
  updateTenantSettings,
} from '@/server/identity/service'
import type { Ctx, Principal } from '@/server/kernel/context'
import { newId } from '@/server/kernel/ids'
import { later, SUBSCRIPTION_ID, testTenant } from '../support/tenant'

const tenant = await testTenant()
const { service, as } = tenant
const SUB = `/subscriptions/${SUBSCRIPTION_ID}`
const location = 'westeurope'
const group = await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg_a', location })
const VAULT = `${group.id}/providers/Microsoft.KeyVault/vaults/kv`
const WRAP = 'Microsoft.KeyVault/vaults/keys/wrap/action'

let count = 0
const someone = (): Promise<Principal> =>
  createUser(service, { displayName: `User ${++count}`, upn: `user${count}@contoso.example` })
const give = (to: Principal, roleDefinitionId: string, scope: string, ctx: Ctx = service) =>
  assignRole(ctx, { scope, roleDefinitionId, principalId: to.objectId })

describe('a role assignment', () => {
  it('gives its rights at its scope and below, until it is removed', async () => {
    const user = await someone()
    expect((await checkDataAction(as(user), WRAP, `${VAULT}/keys/k`)).allowed).toBe(false)
    const given = await give(user, ROLE_IDS.keyVaultCryptoServiceEncryptionUser, VAULT)
    expect(await checkDataAction(as(user), WRAP, `${VAULT}/keys/k`)).toEqual({ allowed: true, assignmentId: given.id })
    expect(
      (await checkDataAction(as(user), WRAP, `${group.id}/providers/Microsoft.KeyVault/vaults/other`)).allowed,
    ).toBe(false)
    await removeRoleAssignment(service, given.id)
    expect((await checkDataAction(as(user), WRAP, `${VAULT}/keys/k`)).allowed).toBe(false)
  })

  it('reaches the members of a group, also through another group, and a ring of groups does no harm', async () => {
    const user = await someone()
    const [inner, outer] = [
      await createGroup(service, { displayName: 'In' }),
      await createGroup(service, { displayName: 'Out' }),
    ]
    await addMember(service, inner.objectId, user.objectId)
    await addMember(service, outer.objectId, inner.objectId)
    await addMember(service, inner.objectId, outer.objectId)
    await give(outer, ROLE_IDS.keyVaultCryptoUser, VAULT)
    const fresh = (await findPrincipal(service, user.objectId))!
    expect(fresh.groupIds.sort()).toEqual([inner.objectId, outer.objectId].sort())
    expect((await checkDataAction(as(fresh), WRAP, VAULT)).allowed).toBe(true)
  })

  it('takes effect and ceases after the propagation time of the tenant', async () => {
    const user = await someone()
    await updateTenantSettings(service, { rolePropagationSeconds: 300 })
    const given = await give(user, ROLE_IDS.keyVaultCryptoUser, VAULT)
    const allowedAfter = async (seconds: number) =>
      (await checkDataAction(later(as(user), seconds), WRAP, VAULT)).allowed
    expect([await allowedAfter(0), await allowedAfter(299), await allowedAfter(300)]).toEqual([false, false, true])
    await removeRoleAssignment(later(service, 1000), given.id)
    expect([await allowedAfter(1299), await allowedAfter(1300)]).toEqual([true, false])
    const shown = await listRoleAssignments(later(service, 1100), VAULT, { inherited: false })
    expect(shown.find((a) => a.id === given.id)?.ceasesAt).toBe(later(service, 1300).now.toISOString())
    await updateTenantSettings(service, { rolePropagationSeconds: 0 })
    expect(await readTenantSettings(service)).toMatchObject({ rolePropagationSeconds: 0 })
  })

  it('is refused a second time under another id, and answers as before under the same', async () => {
    const user = await someone()
    const id = newId()
    const input = { id, scope: VAULT, roleDefinitionId: ROLE_IDS.reader, principalId: user.objectId }
    const first = await assignRole(service, input)
    expect(await assignRole(service, { ...input, scope: VAULT.toUpperCase() })).toMatchObject({ id: first.id })
    await expect(give(user, ROLE_IDS.reader, VAULT)).rejects.toMatchObject({
      code: 'Conflict',
      vendorCode: 'RoleAssignmentExists',
    })
    await expect(assignRole(service, { ...input, roleDefinitionId: ROLE_IDS.owner })).rejects.toMatchObject({
      vendorCode: 'RoleAssignmentUpdateNotPermitted',
    })
  })

  it('is made once when two ask for it at the same time', async () => {
    const user = await someone()
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => give(user, ROLE_IDS.reader, VAULT)))
    expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(1)
  })

  it.each([
    ['an unknown principal', { principalId: newId() }, 'PrincipalNotFound'],
    ['a principal that is no GUID', { principalId: 'dana' }, 'PrincipalNotFound'],
    ['an unknown role', { roleDefinitionId: newId() }, 'RoleDefinitionDoesNotExist'],
    ['another type of principal', { principalType: 'Group' as const }, 'UnmatchedPrincipalType'],
    ['a scope that is none', { scope: 'rg' }, undefined],
    ['an unknown resource group', { scope: `${SUB}/resourceGroups/none` }, undefined],
  ])('is refused for %s', async (_what, wrong, vendorCode) => {
    const { objectId } = await someone()
    const input = { scope: group.id, roleDefinitionId: ROLE_IDS.reader, principalId: objectId, ...wrong }
    await expect(assignRole(service, input)).rejects.toMatchObject({ name: 'AppError', vendorCode })
  })

  it('shows at a scope with what is inherited from above, and goes with the resource', async () => {
    const user = await someone()
    await give(user, ROLE_IDS.reader, SUB)
    const own = await give(user, ROLE_IDS.keyVaultReader, VAULT)
    await give(user, ROLE_IDS.keyVaultCryptoUser, `${VAULT}/keys/k`)
    const mine = (list: { principalId: string }[]) => list.filter((a) => a.principalId === user.objectId)
    expect(mine(await listRoleAssignments(service, VAULT, { inherited: false }))).toEqual([own])
    const all = mine(await listRoleAssignments(service, VAULT, { inherited: true, below: true }))
    expect(all.map((a) => (a as typeof own).inherited)).toEqual([false, true, true])
    await dropAssignmentsUnder(service, VAULT)
    expect(mine(await listRoleAssignments(service, VAULT, { inherited: true, below: true }))).toHaveLength(1)
  })
})

describe('the settings of a tenant', () => {
  it('are changed by those who operate the simulation, within their bounds', async () => {
    const operator = await someone()
    await expect(updateTenantSettings(as(operator), { rolePropagationSeconds: 1 })).rejects.toMatchObject({
      code: 'AuthorizationFailed',
    })
    await give(operator, ROLE_IDS.simulationOperator, '/')
    expect(await updateTenantSettings(as(operator), { rolePropagationSeconds: 0 })).toMatchObject({
      rolePropagationSeconds: 0,
    })
    await expect(updateTenantSettings(as(operator), { rolePropagationSeconds: 3601 })).rejects.toMatchObject({
      code: 'BadParameter',
    })
  })
})

describe('handing out roles', () => {
  it('takes a role that may, and the refusal is in the activity log', async () => {
    const [contributor, other] = [await someone(), await someone()]
    await give(contributor, ROLE_IDS.contributor, SUB)
    await expect(give(other, ROLE_IDS.reader, VAULT, as(contributor))).rejects.toMatchObject({
      code: 'AuthorizationFailed',
    })
    const [entry] = await listActivity(as(contributor), { scopes: [], limit: 1 })
    expect(entry).toMatchObject({
      operationName: 'Microsoft.Authorization/roleAssignments/write',
      status: 'Failed',
      level: 'Error',
      caller: contributor.upn,
      resourceGroup: 'rg_a',
    })
  })

  it('is limited to data roles for Key Vault Data Access Administrator, giving and taking alike', async () => {
    const [officer, other] = [await someone(), await someone()]
    await give(officer, ROLE_IDS.keyVaultDataAccessAdministrator, VAULT)
    const given = await give(other, ROLE_IDS.keyVaultCryptoServiceEncryptionUser, VAULT, as(officer))
    await removeRoleAssignment(as(officer), given.id)
    await expect(give(other, ROLE_IDS.owner, VAULT, as(officer))).rejects.toThrow('cannot manage assignments of Owner')
    const foreign = await give(other, ROLE_IDS.contributor, VAULT)
    await expect(removeRoleAssignment(as(officer), foreign.id)).rejects.toMatchObject({ code: 'AuthorizationFailed' })
  })

  it('is what only Owner-like roles can; a button learns which', async () => {
    const user = await someone()
    expect(await can(as(user), 'Microsoft.Authorization/roleAssignments/write', VAULT)).toMatchObject({
      allowed: false,
      missingRoles: expect.arrayContaining(['User Access Administrator', 'Owner']),
    })
  })
})

describe('what one sees', () => {
  it('is the subscriptions one has any right in, and the groups one may read', async () => {
    const user = await someone()
    expect(await listSubscriptions(as(user))).toEqual([])
    await give(user, ROLE_IDS.keyVaultCryptoUser, VAULT)
    expect((await listSubscriptions(as(user))).map((s) => s.id)).toEqual([SUBSCRIPTION_ID])
    expect(await listResourceGroups(as(user))).toEqual([])
    const operator = await someone()
    await give(operator, ROLE_IDS.simulationOperator, '/')
    expect(await listSubscriptions(as(operator))).toEqual([])
    await give(user, ROLE_IDS.reader, group.id)
    expect((await listResourceGroups(as(user))).map((g) => g.name)).toEqual(['rg_a'])
  })

  it('of the activity log is what lies at or below a readable scope: rg_a is not rgXa', async () => {
    const reader = await someone()
    await give(reader, ROLE_IDS.reader, group.id)
    const beside = await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rgXa', location })
    await createManagedIdentity(service, {
      subscriptionId: SUBSCRIPTION_ID,
      resourceGroup: 'rgXa',
      name: 'beside',
      location,
    })
    await createManagedIdentity(service, {
      subscriptionId: SUBSCRIPTION_ID,
      resourceGroup: 'rg_a',
      name: 'below',
      location,
    })
    const ctx = as(reader)
    const seen = await listActivity(ctx, { scopes: await readableScopes(ctx, ACTIVITY_READ), limit: 100 })
    expect(seen.some((e) => e.resourceName === 'below')).toBe(true)
    expect(seen.filter((e) => e.resourceId.startsWith(beside.id))).toEqual([])
    const narrow = await listActivity(ctx, {
      scopes: ['/'],
      resourceId: group.id.toUpperCase(),
      operationName: 'microsoft.managedidentity/userassignedidentities/WRITE',
      limit: 100,
    })
    expect(narrow.map((e) => e.resourceName)).toEqual(['below'])
  })
})
