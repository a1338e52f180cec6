import { expect, test } from 'vitest'
import { addMember, assignRole, createGroup, listRoleAssignments } from '@/server/identity/service'
import { resourceGroupId } from '@/server/kernel/resource-id'
import { setAccessPolicy, updateVault, vaultKeys } from '@/server/keyvault/service'
import { readCheckAccess } from '@/server/queries/check-access'
import { readImpact } from '@/server/queries/impact'
import { SUBSCRIPTION_ID } from '../support/tenant'
import { customerManaged, GROUP, testWorld, VAULT } from '../support/world'

const HOUR = 3600
const world = await testWorld()
const key = await world.makeKey('cmk')
const spare = await world.makeKey('spare')
const identity = await world.makeIdentity('id-impact')
await world.grant(identity.principalId)
await world.provision('impact-one', customerManaged(identity.id, key.versionless, true))

const hits = async (question: Record<string, string>) =>
  (await readImpact(await world.ctx(), question)).servers.map((s) => s.name)
const mine = async () =>
  (await listRoleAssignments(await world.ctx(), world.vaultId, { inherited: false })).find(
    (a) => a.principalId === identity.principalId,
  )!
const whole = ['impact-one']

test('a version, a key, a store and an identity that a server needs are told, by the hour; others are not', async () => {
  const ctx = await world.ctx()
  const { servers, by } = await readImpact(ctx, { change: 'key', store: VAULT, key: 'CMK' })
  expect(servers).toMatchObject([{ name: 'impact-one', state: 'Ready', keyRole: 'primary' }])
  expect(Date.parse(by) - ctx.now.getTime()).toBe(HOUR * 1000)
  expect(await hits({ change: 'keyVersion', store: VAULT, key: 'cmk', version: key.version })).toEqual(whole)
  expect(await hits({ change: 'keyVersion', store: VAULT, key: 'cmk', version: spare.version })).toEqual([])
  expect(await hits({ change: 'key', store: VAULT, key: 'spare' })).toEqual([])
  expect(await hits({ change: 'store', store: VAULT })).toEqual(whole)
  expect(await hits({ change: 'store', store: 'elsewhere' })).toEqual([])
  expect(await hits({ change: 'identity', identityId: identity.id })).toEqual(whole)
})

test('check access says of an identity what the vault would let it do, and by which role; of a stranger nothing', async () => {
  const ask = async (principalId: string) =>
    readCheckAccess(await world.ctx(), `${world.vaultId}/keys/cmk`, principalId)
  const allowed = ({ keys }: Awaited<ReturnType<typeof ask>>) =>
    keys?.verdicts.filter((v) => v.permission.allowed).map((v) => v.request)
  const view = await ask(identity.principalId)
  expect(allowed(view)).toEqual(['get', 'wrap', 'unwrap'])
  expect(view.roles.map((r) => [r.roleName, r.inherited])).toEqual([['Key Vault Crypto Service Encryption User', true]])
  const stranger = await world.makeIdentity('id-stranger')
  expect(allowed(await ask(stranger.principalId))).toEqual([])
  await expect(ask('00000000-0000-4000-8000-000000000000')).rejects.toThrow('nobody of that object id')
})

test('a version that a server has left costs it nothing, once it has followed the rotation', async () => {
  await vaultKeys(await world.ctx(), VAULT).rotate('cmk')
  expect(await hits({ change: 'keyVersion', store: VAULT, key: 'cmk', version: key.version })).toEqual(whole)
  await world.advance(HOUR)
  expect(await hits({ change: 'keyVersion', store: VAULT, key: 'cmk', version: key.version })).toEqual([])
})

test('a role costs a server its key only when no other role is left, its own or a group’s', async () => {
  const role = { change: 'role', scope: world.vaultId, assignmentId: (await mine()).id }
  expect(await hits(role)).toEqual(whole)
  const group = await createGroup(await world.ctx(), { displayName: 'Servers' })
  await addMember(await world.ctx(), group.objectId, identity.principalId)
  const { roleDefinitionId } = await mine()
  await assignRole(await world.ctx(), {
    scope: resourceGroupId(SUBSCRIPTION_ID, GROUP),
    roleDefinitionId,
    principalId: group.objectId,
  })
  expect(await hits(role)).toEqual([])
})

test('the other permission model costs a server its key unless a policy is there; then the last policy does', async () => {
  const toPolicies = { change: 'permissionModel', store: VAULT, to: 'accessPolicies' }
  expect(await hits(toPolicies)).toEqual(whole)
  const policy = { objectId: identity.principalId, keys: ['get', 'list', 'wrapKey', 'unwrapKey'] }
  await setAccessPolicy(await world.ctx(), world.vaultId, policy)
  expect(await hits(toPolicies)).toEqual([])
  const removal = { change: 'principal', store: VAULT, principalId: identity.principalId }
  expect(await hits(removal)).toEqual([])
  await updateVault(await world.ctx(), world.vaultId, { rbac: false })
  expect(await hits(removal)).toEqual(whole)
  const [group] = (await listRoleAssignments(await world.ctx(), world.vaultId, { inherited: true })).filter(
    (a) => a.principalType === 'Group',
  )
  await setAccessPolicy(await world.ctx(), world.vaultId, { ...policy, objectId: group!.principalId })
  expect(await hits(removal)).toEqual([])
  expect(await hits({ change: 'permissionModel', store: VAULT, to: 'rbac' })).toEqual([])
})
