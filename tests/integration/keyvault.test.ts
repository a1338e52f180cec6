import { describe, expect, it } from 'vitest'
import { drainAgenda } from '@/server/clock/drain'
import { AGENDA_KINDS, type AgendaHandler, type AgendaKind } from '@/server/clock/model'
import { dueAtOf, requestAdvance } from '@/server/clock/service'
import { ROLE_IDS } from '@/server/identity/model'
import {
  addMember,
  assignRole,
  createGroup,
  createResourceGroup,
  createUser,
  findPrincipal,
  listRoleAssignments,
} from '@/server/identity/service'
import type { Ctx, Principal } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import {
  canOnVaultKeys,
  createVault,
  deleteVault,
  findVaultByName,
  getVault,
  listDeletedVaults,
  listVaults,
  purgeVault,
  purgeVaultIfDue,
  recoverVault,
  setAccessPolicy,
  updateVault,
  vaultKeys,
} from '@/server/keyvault/service'
import { codeOf, LOCATION, vaultInput } from '../support/key-stores'
import { later, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../support/tenant'

const { db, service, as } = await testTenant()
const group = await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const officer = await createUser(service, { displayName: 'Olga', upn: 'olga@contoso.example' })
const nobody = await createUser(service, { displayName: 'Nils', upn: 'nils@contoso.example' })
const DAY = 86_400

const give = (principal: Principal, role: keyof typeof ROLE_IDS, scope: string) =>
  assignRole(service, { scope, roleDefinitionId: ROLE_IDS[role], principalId: principal.objectId })
const audits = (storeId: string) => db.auditEvent.findMany({ where: { storeId }, orderBy: { seq: 'asc' } })
const from = (ctx: Ctx, caller: Ctx['caller']): Ctx => ({ ...ctx, caller })

await give(officer, 'keyVaultContributor', group.id)

describe('a vault', () => {
  it('is made by whoever may write it, and its creation and refusal are in the activity log', async () => {
    const made = await createVault(as(officer), vaultInput('made', { resourceGroup: 'RG', tags: { a: 'b' } }))
    expect(made).toMatchObject({ name: 'made', resourceGroup: 'rg', permissionModel: 'rbac', deletedAt: null })
    expect(await codeOf(createVault(as(nobody), vaultInput('refused')))).toBe('AuthorizationFailed')
    expect(await findVaultByName(service, 'refused')).toBeNull()
    const log = await db.activityEvent.findMany({ where: { operationName: 'Microsoft.KeyVault/vaults/write' } })
    expect(log.map((e) => [e.resourceId.split('/').at(-1), e.status])).toEqual(
      expect.arrayContaining([
        ['made', 'Succeeded'],
        ['refused', 'Failed'],
      ]),
    )
  })

  it('has a name that no other vault has, in any case', async () => {
    await createVault(service, vaultInput('unique'))
    expect(await codeOf(createVault(service, vaultInput('UNIQUE')))).toBe('NameUnavailable')
  })

  it.each([
    [{ name: 'a--b' }, 'BadParameter'],
    [{ softDeleteDays: 6 }, 'BadParameter'],
    [{ networkAcls: { defaultAction: 'Deny', bypass: 'None', ipRules: ['10.0.0.1'] } as const }, 'BadParameter'],
    [{ resourceGroup: 'missing' }, 'ResourceGroupNotFound'],
  ])('is refused with %o', async (more, code) => {
    expect(await codeOf(createVault(service, { ...vaultInput('wrong'), ...structuredClone(more) } as never))).toBe(code)
  })

  it('is seen by who may read it alone', async () => {
    const { id } = await createVault(service, vaultInput('seen'))
    expect((await listVaults(as(officer))).map((v) => v.name)).toContain('seen')
    expect(await listVaults(as(nobody))).toEqual([])
    expect(await findVaultByName(as(nobody), 'seen')).toBeNull()
    expect(await codeOf(getVault(as(nobody), id))).toBe('AuthorizationFailed')
  })

  it('keeps purge protection once it has it', async () => {
    const { id } = await createVault(service, vaultInput('kept'))
    expect((await updateVault(service, id, { purgeProtection: true })).purgeProtection).toBe(true)
    expect(await codeOf(updateVault(service, id, { purgeProtection: false } as never))).toBe('BadParameter')
    await deleteVault(service, id)
    expect(await codeOf(purgeVault(service, id))).toBe('PurgeProtected')
  })
})

describe('rights on keys', () => {
  it('by role: on the vault, or on one key', async () => {
    const vault = await createVault(service, vaultInput('by-role'))
    const keys = vaultKeys(as(officer), 'by-role')
    expect(await codeOf(keys.create({ name: 'k', kty: 'EC' }))).toBe('ForbiddenByRbac')
    await give(officer, 'keyVaultCryptoOfficer', vault.id)
    await keys.create({ name: 'k', kty: 'EC' })
    await keys.create({ name: 'other', kty: 'EC' })
    await give(nobody, 'keyVaultCryptoUser', `${vault.id}/keys/k`)
    expect(await codeOf(vaultKeys(as(nobody), vault.id).get('k'))).toBe('no error')
    expect(await codeOf(vaultKeys(as(nobody), vault.id).get('other'))).toBe('ForbiddenByRbac')
    expect(await codeOf(vaultKeys(as(nobody), vault.id).list())).toBe('ForbiddenByRbac')
  })

  it('by access policy: to a person, or to a group; roles then count for nothing', async () => {
    const vault = await createVault(service, vaultInput('by-policy', { rbac: false }))
    await give(officer, 'keyVaultCryptoOfficer', vault.id)
    const team = await createGroup(service, { displayName: 'Team' })
    await addMember(service, team.objectId, officer.objectId)
    const member = (await findPrincipal(service, officer.objectId))!
    expect(await codeOf(vaultKeys(as(member), vault.id).create({ name: 'k', kty: 'EC' }))).toBe('ForbiddenByPolicy')
    const after = await setAccessPolicy(as(officer), vault.id, { objectId: team.objectId, keys: ['create', 'get'] })
    expect(after.accessPolicies).toEqual([{ objectId: team.objectId, keys: ['create', 'get'], principalName: 'Team' }])
    expect(await codeOf(vaultKeys(as(member), vault.id).create({ name: 'k', kty: 'EC' }))).toBe('no error')
    expect(await codeOf(vaultKeys(as(member), vault.id).remove('k'))).toBe('ForbiddenByPolicy')
    await updateVault(service, vault.id, { rbac: true })
    expect(await codeOf(vaultKeys(as(member), vault.id).remove('k'))).toBe('no error')
  })

  it('are foretold to buttons, with the role that is missing', async () => {
    await createVault(service, vaultInput('foretold'))
    const answer = await canOnVaultKeys(as(nobody), 'foretold', 'wrap')
    expect(answer).toMatchObject({ allowed: false })
    expect(JSON.stringify(answer)).toContain('Key Vault Crypto Service Encryption User')
    expect(await canOnVaultKeys(service, 'foretold', 'wrap')).toEqual({ allowed: true })
    const vault = (await findVaultByName(service, 'foretold'))!
    await updateVault(service, vault.id, { publicNetworkAccess: false })
    expect(JSON.stringify(await canOnVaultKeys(as(nobody), 'foretold', 'wrap'))).toContain('Public network access')
    expect(await audits(vault.id)).toEqual([])
  })
})

describe('the firewall', () => {
  it('comes before rights, and lets trusted services by', async () => {
    const vault = await createVault(service, vaultInput('walled', { publicNetworkAccess: false }))
    await give(officer, 'keyVaultCryptoOfficer', vault.id)
    const person = from(as(officer), { address: '203.0.113.7' })
    const trusted = from(as(officer), { address: '127.0.0.1', trustedService: 'PostgreSQL' })
    const list = (ctx: Ctx) => codeOf(vaultKeys(ctx, vault.id).list())
    expect(await list(person)).toBe('ForbiddenByConnection')
    expect(await list(from(as(nobody), person.caller))).toBe('ForbiddenByConnection')
    expect(await list(trusted)).toBe('no error')
    const acls = { defaultAction: 'Deny', bypass: 'None', ipRules: [] } as const
    await updateVault(service, vault.id, { publicNetworkAccess: true, networkAcls: { ...acls, ipRules: [] } })
    expect(await list(person)).toBe('ForbiddenByFirewall')
    expect(await list(trusted)).toBe('ForbiddenByFirewall')
    await updateVault(service, vault.id, { networkAcls: { ...acls, ipRules: ['203.0.113.0/24'] } })
    expect(await list(person)).toBe('no error')
  })
})

describe('the audit log of a vault', () => {
  it('has every request once, with who, from where, what and how it ended', async () => {
    const vault = await createVault(service, vaultInput('audited'))
    await codeOf(vaultKeys(from(as(nobody), { address: '203.0.113.9' }), vault.id).get('k'))
    await give(officer, 'keyVaultCryptoOfficer', vault.id)
    const keys = vaultKeys(as(officer), vault.id, { apiVersion: '7.4' })
    const { version } = await keys.create({ name: 'k', kty: 'RSA' })
    await keys.update('k', null, { enabled: false })
    await codeOf(keys.wrap({ name: 'k', version: null, alg: 'RSA-OAEP-256', value: Buffer.from('x') }))
    const log = await audits(vault.id)
    expect(log.map((e) => [e.operationName, e.httpStatusCode, e.resultType, e.resultSignature])).toEqual([
      ['KeyGet', 403, 'Failure', 'Forbidden'],
      ['KeyCreate', 200, 'Success', 'OK'],
      ['KeyUpdate', 200, 'Success', 'OK'],
      ['KeyWrap', 403, 'Failure', 'Forbidden'],
    ])
    expect(log[0]).toMatchObject({ callerIpAddress: '203.0.113.9', identity: { claim: { oid: nobody.objectId } } })
    expect(log[1]).toMatchObject({
      operationVersion: '7.4',
      at: service.now,
      properties: { id: `https://audited.vault.localhost/keys/k/${version}`, isRbacAuthorized: true },
    })
    expect(log[3]?.resultDescription).toBe('Operation wrapKey is not allowed on a disabled key.')
  })

  it('cannot be rolled back: a key request inside a transaction is a defect', async () => {
    await createVault(service, vaultInput('outside'))
    await expect(transact(service, (tx) => vaultKeys(tx, 'outside').list())).rejects.toThrow('inside a transaction')
  })
})

describe('a vault of the service', () => {
  it('is in no list of people, and closed to them even with a role', async () => {
    const vault = await createVault(service, { ...vaultInput('service-owned'), serviceOwned: true })
    await give(officer, 'keyVaultAdministrator', vault.id)
    expect((await listVaults(as(officer))).map((v) => v.name)).not.toContain('service-owned')
    expect(await findVaultByName(as(officer), 'service-owned')).toBeNull()
    expect(await codeOf(getVault(as(officer), vault.id))).toBe('ResourceNotFound')
    expect(await codeOf(vaultKeys(as(officer), vault.id).list())).toBe('ForbiddenByRbac')
    expect(await codeOf(vaultKeys(service, vault.id).list())).toBe('no error')
  })

  it('is made by the service alone: whoever else asks gets an ordinary one', async () => {
    await createVault(as(officer), { ...vaultInput('pretender'), serviceOwned: true })
    expect((await listVaults(as(officer))).map((v) => v.name)).toContain('pretender')
  })
})

/** Lets the agenda run, as the engine does, until the clock stands so many days later. */
async function advance(days: number): Promise<void> {
  const nothing: AgendaHandler = async () => async () => undefined
  const handlers = Object.fromEntries(AGENDA_KINDS.map((kind) => [kind, nothing])) as Record<AgendaKind, AgendaHandler>
  await requestAdvance(service, days * DAY)
  await drainAgenda({
    db,
    tenantId: TENANT_ID,
    handlers: { ...handlers, 'purge-vault': purgeVaultIfDue },
    contextAt: (now) => ({ ...service, now }),
    quiesce: async () => undefined,
  })
}

describe('a deleted vault', () => {
  it('is dead at once, keeps its name, and comes back with keys and policies but without role assignments', async () => {
    const vault = await createVault(service, vaultInput('risen'))
    await give(officer, 'keyVaultCryptoOfficer', vault.id)
    await setAccessPolicy(service, vault.id, { objectId: nobody.objectId, keys: ['get'] })
    const { keyId } = await vaultKeys(as(officer), vault.id).create({ name: 'k', kty: 'EC' })
    const policy = { timeAfterCreate: 'P30D', timeBeforeExpiry: null }
    const rotation = { expiryTime: null, rotate: policy, notifyBeforeExpiry: null }
    await vaultKeys(as(officer), vault.id).setRotationPolicy('k', rotation)

    const deleted = await deleteVault(as(officer), vault.id)
    expect(deleted.scheduledPurgeAt).toBe(later(service, 7 * DAY).now.toISOString())
    expect(await codeOf(vaultKeys(service, vault.id).get('k'))).toBe('VaultNotFound')
    expect(await codeOf(getVault(service, vault.id))).toBe('ResourceNotFound')
    expect(await codeOf(createVault(service, vaultInput('risen')))).toBe('NameUnavailable')
    expect((await listDeletedVaults(as(officer))).map((v) => v.name)).toContain('risen')
    expect(await dueAtOf(service, 'key-rotation', keyId)).toBeNull()

    const back = await recoverVault(as(officer), vault.id)
    expect(back).toMatchObject({ deletedAt: null, accessPolicies: [{ objectId: nobody.objectId }] })
    expect(await listRoleAssignments(service, vault.id, { inherited: false })).toEqual([])
    expect(await codeOf(vaultKeys(as(officer), vault.id).get('k'))).toBe('ForbiddenByRbac')
    expect((await vaultKeys(service, vault.id).get('k')).keyId).toBe(keyId)
    expect(await dueAtOf(service, 'key-rotation', keyId)).toEqual(later(service, 30 * DAY).now)
    expect(await dueAtOf(service, 'purge-vault', vault.id)).toBeNull()
  })

  it('is purged with its keys when its retention ends, purge protection or not, and its name is free', async () => {
    const vault = await createVault(service, vaultInput('passing', { purgeProtection: true }))
    const { keyId } = await vaultKeys(service, vault.id).create({ name: 'k', kty: 'EC' })
    await deleteVault(service, vault.id)
    await advance(6)
    expect((await listDeletedVaults(service)).map((v) => v.name)).toContain('passing')
    await advance(2)
    expect((await listDeletedVaults(service)).map((v) => v.name)).not.toContain('passing')
    expect(await db.key.findUnique({ where: { id: keyId } })).toBeNull()
    expect(await codeOf(createVault(service, vaultInput('passing')))).toBe('no error')
  })
})
