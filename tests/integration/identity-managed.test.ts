import { describe, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import {
  assignRole,
  checkDataAction,
  createManagedIdentity,
  createResourceGroup,
  createUser,
  deleteManagedIdentity,
  findPrincipal,
  getManagedIdentity,
  listDeletedManagedIdentities,
  listManagedIdentities,
  listRoleAssignments,
  managedIdentityPrincipal,
  restoreManagedIdentity,
} from '@/server/identity/service'
import { later, SUBSCRIPTION_ID, testTenant } from '../support/tenant'

const { service, as } = await testTenant()
const location = 'westeurope'
const group = await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location })
const WRAP = 'Microsoft.KeyVault/vaults/keys/wrap/action'
const create = (name: string, ctx = service) =>
  createManagedIdentity(ctx, { subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'RG', name, location, tags: { a: 'b' } })
const DAYS = 86_400

describe('a managed identity', () => {
  it('has a principal of its own, found without regard to case', async () => {
    const made = await create('id-one')
    expect(made).toMatchObject({ resourceGroup: 'rg', tags: { a: 'b' } })
    const principal = await managedIdentityPrincipal(service, made.id.toUpperCase())
    expect(principal).toMatchObject({
      objectId: made.principalId,
      appId: made.clientId,
      kind: 'ManagedIdentity',
      mirid: made.id,
    })
  })

  it('is the same when it is made again while it lives, and cannot move', async () => {
    const first = await create('id-same')
    expect(await create('ID-SAME')).toEqual(first)
    await expect(
      createManagedIdentity(service, { ...first, resourceGroup: 'rg', location: 'northeurope' }),
    ).rejects.toMatchObject({ code: 'Conflict', vendorCode: 'InvalidResourceLocation' })
  })

  it('made again after its deletion is another one, and heals no grant', async () => {
    const first = await create('id-twice')
    const scope = group.id
    const roleDefinitionId = ROLE_IDS.keyVaultCryptoServiceEncryptionUser
    await assignRole(service, { scope, roleDefinitionId, principalId: first.principalId })
    await deleteManagedIdentity(service, first.id)
    const second = await create('id-twice')
    expect(second.id).toBe(first.id)
    expect(second.principalId).not.toBe(first.principalId)
    expect(second.clientId).not.toBe(first.clientId)
    const principal = (await managedIdentityPrincipal(service, second.id))!
    expect((await checkDataAction(as(principal), WRAP, scope)).allowed).toBe(false)
  })

  it('deleted is gone for everyone, while its role assignment stays without a name', async () => {
    const made = await create('id-gone')
    await assignRole(service, { scope: group.id, roleDefinitionId: ROLE_IDS.reader, principalId: made.principalId })
    await deleteManagedIdentity(service, made.id)
    expect(await getManagedIdentity(service, made.id)).toBeNull()
    expect(await managedIdentityPrincipal(service, made.id)).toBeNull()
    expect(await findPrincipal(service, made.principalId)).toBeNull()
    expect((await listManagedIdentities(service)).map((i) => i.name)).not.toContain('id-gone')
    const left = await listRoleAssignments(service, group.id, { inherited: false })
    expect(left.find((a) => a.principalId === made.principalId)).toMatchObject({ principalName: null })
    await expect(deleteManagedIdentity(service, made.id)).rejects.toMatchObject({ code: 'IdentityNotFound' })
  })

  it('restored within 30 days is the same as before, and its grants work again', async () => {
    const made = await create('id-back')
    const roleDefinitionId = ROLE_IDS.keyVaultCryptoServiceEncryptionUser
    await assignRole(service, { scope: group.id, roleDefinitionId, principalId: made.principalId })
    await deleteManagedIdentity(service, made.id)
    const justInTime = later(service, 30 * DAYS - 1)
    expect((await listDeletedManagedIdentities(justInTime)).map((d) => d.principalId)).toContain(made.principalId)
    expect(await restoreManagedIdentity(justInTime, made.principalId)).toEqual(made)
    const principal = (await managedIdentityPrincipal(service, made.id))!
    expect((await checkDataAction(as(principal), WRAP, group.id)).allowed).toBe(true)
  })

  it('cannot be restored after 30 days, nor while another has its name', async () => {
    const first = await create('id-late')
    await deleteManagedIdentity(service, first.id)
    const tooLate = later(service, 30 * DAYS)
    await expect(restoreManagedIdentity(tooLate, first.principalId)).rejects.toMatchObject({ code: 'IdentityNotFound' })
    expect((await listDeletedManagedIdentities(tooLate)).map((d) => d.principalId)).not.toContain(first.principalId)
    const second = await create('id-late')
    await expect(restoreManagedIdentity(service, first.principalId)).rejects.toMatchObject({ code: 'Conflict' })
    await deleteManagedIdentity(service, second.id)
    expect(await restoreManagedIdentity(service, first.principalId)).toMatchObject(first)
  })

  it.each(['ab', '-abc', 'a b c', 'a'.repeat(129), 'name.with.dots'])('cannot be called "%s"', async (name) => {
    await expect(create(name)).rejects.toMatchObject({ code: 'BadParameter', field: 'name' })
  })

  it('is made, seen and deleted by those who have the role for it', async () => {
    const made = await create('id-mine')
    const user = await createUser(service, { displayName: 'Dana', upn: 'dana@contoso.example' })
    await expect(create('id-other', as(user))).rejects.toMatchObject({ code: 'AuthorizationFailed' })
    await expect(getManagedIdentity(as(user), made.id)).rejects.toMatchObject({ code: 'AuthorizationFailed' })
    expect(await listManagedIdentities(as(user))).toEqual([])
    const roleDefinitionId = ROLE_IDS.managedIdentityOperator
    await assignRole(service, { scope: made.id, roleDefinitionId, principalId: user.objectId })
    expect((await listManagedIdentities(as(user))).map((i) => i.name)).toEqual(['id-mine'])
    await expect(deleteManagedIdentity(as(user), made.id)).rejects.toMatchObject({ code: 'AuthorizationFailed' })
  })
})
