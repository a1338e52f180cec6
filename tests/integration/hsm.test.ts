import { generateKeyPairSync } from 'node:crypto'
import { importPKCS8 } from 'jose'
import { describe, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup, createUser } from '@/server/identity/service'
import { HSM_ROLES } from '@/server/managed-hsm/model'
import { findShare, openDomain, type SecurityDomain, wrapForPool } from '@/server/managed-hsm/model/security-domain'
import {
  activateManagedHsm,
  assignHsmRole,
  beginHsmRecovery,
  canOnHsmKeys,
  createManagedHsm,
  deleteManagedHsm,
  getManagedHsm,
  hsmKeys,
  listHsmRoleAssignments,
  listManagedHsms,
  purgeManagedHsm,
  randomFromHsm,
  recoverManagedHsm,
  removeHsmRoleAssignment,
  updateManagedHsm,
  uploadHsmDomain,
} from '@/server/managed-hsm/service'
import { addVersions, codeOf, hsmInput, LOCATION } from '../support/key-stores'
import { SUBSCRIPTION_ID, testTenant } from '../support/tenant'

const { db, service, as } = await testTenant()
const group = await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const admin = await createUser(service, { displayName: 'Ada', upn: 'ada@contoso.example' })
const owner = await createUser(service, { displayName: 'Otto', upn: 'otto@contoso.example' })
await assignRole(service, { scope: group.id, roleDefinitionId: ROLE_IDS.owner, principalId: owner.objectId })

const publicKeys = Array.from({ length: 3 }, () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'spki' }).toString(),
)
const role = (name: string) => HSM_ROLES.find((r) => r.name === `Managed HSM ${name}`)!.id
const make = (name: string) => createManagedHsm(as(owner), hsmInput(name, [admin.objectId]))
const makeActive = async (name: string) => {
  const hsm = await make(name)
  await activateManagedHsm(as(admin), hsm.id, { publicKeys, quorum: 2 })
  await assignHsmRole(as(admin), hsm.id, {
    scope: '/keys',
    roleDefinitionId: role('Crypto User'),
    principalId: admin.objectId,
  })
  return hsm
}

describe('a new HSM', () => {
  it('does nothing with keys until its administrators downloaded the security domain', async () => {
    const hsm = await make('fresh')
    expect(await getManagedHsm(as(owner), hsm.id)).toMatchObject({ activated: false, quorum: null })
    expect(await codeOf(getManagedHsm(as(admin), hsm.id))).toBe('AuthorizationFailed')
    const crypto = { scope: '/keys', roleDefinitionId: role('Crypto User'), principalId: admin.objectId }
    expect(await codeOf(hsmKeys(service, hsm.id).create({ name: 'k', kty: 'RSA' }))).toBe('HsmNotActivated')
    expect(await codeOf(assignHsmRole(as(admin), hsm.id, crypto))).toBe('HsmNotActivated')
    expect(await codeOf(randomFromHsm(service, hsm.id, 8))).toBe('HsmNotActivated')
    expect(await canOnHsmKeys(as(admin), hsm.id, 'create')).toMatchObject({
      reason: expect.stringContaining('not activated'),
    })
    const { securityDomain } = await activateManagedHsm(as(admin), hsm.id, { publicKeys, quorum: 2 })
    expect(JSON.parse(securityDomain)).toMatchObject({
      SharedKeys: { required: 2, key_algorithm: 'shamir_share', enc_shares: [{}, {}, {}] },
    })
    expect((await listManagedHsms(as(owner))).find((h) => h.id === hsm.id)).toMatchObject({
      activated: true,
      quorum: 2,
    })
    expect(await codeOf(hsmKeys(service, hsm.id).create({ name: 'k', kty: 'RSA' }))).toBe('no error')
  })

  it('is activated by its administrators alone; an owner of the subscription is none', async () => {
    const hsm = await make('guarded')
    expect(await codeOf(activateManagedHsm(as(owner), hsm.id, { publicKeys, quorum: 2 }))).toBe('ForbiddenByRbac')
    for (const wrong of [
      { publicKeys: publicKeys.slice(1), quorum: 2 },
      { publicKeys, quorum: 4 },
      { publicKeys, quorum: 1 },
      { publicKeys: [publicKeys[0]!, publicKeys[0]!, publicKeys[1]!], quorum: 2 },
    ])
      expect(await codeOf(activateManagedHsm(as(admin), hsm.id, wrong))).toBe('BadParameter')
    expect((await listManagedHsms(as(owner))).find((h) => h.id === hsm.id)).toMatchObject({ activated: false })
  })
})

describe('a security domain', () => {
  const holders = Array.from({ length: 3 }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }))
  const shareOf = async (domain: SecurityDomain, { privateKey }: (typeof holders)[number]) =>
    (await findShare(
      domain,
      await importPKCS8(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 'RSA-OAEP-256'),
    ))!

  it('brings a new pool into the old pool’s domain by a quorum of its holders, and then its keys', async () => {
    const from = await make('lost')
    const pems = holders.map((h) => h.publicKey.export({ format: 'pem', type: 'spki' }).toString())
    const made = await activateManagedHsm(as(admin), from.id, { publicKeys: pems, quorum: 2 })
    const into = await make('found-again')
    expect(await codeOf(uploadHsmDomain(as(admin), into.id, '{}'))).toBe('BadParameter')
    expect(await codeOf(beginHsmRecovery(as(owner), into.id))).toBe('ForbiddenByRbac')
    const { exchangeCertificate } = await beginHsmRecovery(as(admin), into.id)
    expect(await beginHsmRecovery(as(admin), into.id)).toEqual({ exchangeCertificate })
    const domain = JSON.parse(made.securityDomain) as SecurityDomain
    const shares = await Promise.all([shareOf(domain, holders[2]!), shareOf(domain, holders[0]!)])
    const blob = JSON.stringify(await wrapForPool(await openDomain(domain, shares), exchangeCertificate))
    const recovered = await uploadHsmDomain(as(admin), into.id, blob)
    expect(recovered.activated).toBe(true)
    expect(recovered.domainId).toBe((await getManagedHsm(as(owner), from.id)).domainId)
    expect(await codeOf(uploadHsmDomain(as(admin), into.id, blob))).toBe('Conflict')
    const foreign = await makeActive('another-domain')
    for (const pool of [from, into]) {
      const crypto = { scope: '/keys', roleDefinitionId: role('Crypto User'), principalId: admin.objectId }
      await assignHsmRole(as(admin), pool.id, crypto)
    }
    const key = await hsmKeys(as(admin), from.id).create({ name: 'k', kty: 'RSA' })
    const wrap = { name: 'k', version: null, alg: 'RSA-OAEP-256' }
    const { value } = await hsmKeys(as(admin), from.id).wrap({ ...wrap, value: Buffer.from('secret') })
    const backup = await hsmKeys(as(admin), from.id).backup('k')
    expect(await codeOf(hsmKeys(as(admin), foreign.id).restore(backup))).toBe('BadParameter')
    expect(await hsmKeys(as(admin), into.id).restore(backup)).toMatchObject({ version: key.version })
    expect((await hsmKeys(as(admin), into.id).unwrap({ ...wrap, value })).value.toString()).toBe('secret')
    expect(await codeOf(beginHsmRecovery(as(admin), from.id))).toBe('Conflict')
  })

  it('stays the same when it is downloaded for other holders', async () => {
    const hsm = await makeActive('handed-on')
    const before = await getManagedHsm(as(owner), hsm.id)
    const publicKeys = holders.map((h) => h.publicKey.export({ format: 'pem', type: 'spki' }).toString())
    await activateManagedHsm(as(admin), hsm.id, { publicKeys, quorum: 3 })
    expect(await getManagedHsm(as(owner), hsm.id)).toMatchObject({ domainId: before.domainId, quorum: 3 })
  })

  it('lies in the database sealed', async () => {
    const hsm = await makeActive('sealed-pool')
    const { sealedPoolKey } = await db.managedHsm.findUniqueOrThrow({ where: { id: hsm.id } })
    const key = service.custody.open('hsm-pool-key', hsm.id, sealedPoolKey!)
    const [row] = await db.$queryRaw<
      { text: string }[]
    >`SELECT h::text AS text FROM "ManagedHsm" h WHERE id = ${hsm.id}`
    expect(row!.text).not.toContain(key.toString('hex'))
    expect(row!.text).not.toContain(key.toString('base64url'))
  })
})

describe('keys of an HSM', () => {
  it('are hardware keys, whatever was asked for, and wrap', async () => {
    const hsm = await makeActive('working')
    const keys = hsmKeys(as(admin), hsm.id)
    const key = await keys.create({ name: 'k', kty: 'RSA', keySize: 3072 })
    expect(key).toMatchObject({ kty: 'RSA-HSM', keySize: 3072 })
    expect((await keys.create({ name: 'e', kty: 'EC-HSM' })).kty).toBe('EC-HSM')
    const request = { name: 'k', version: null, alg: 'RSA-OAEP-256' }
    const { value } = await keys.wrap({ ...request, value: Buffer.from('secret') })
    expect((await keys.unwrap({ ...request, value })).value.toString()).toBe('secret')
  })

  it('are rotated by policy only, at most every 28 days', async () => {
    await makeActive('turning')
    const keys = hsmKeys(as(admin), 'turning')
    await keys.create({ name: 'k', kty: 'RSA' })
    expect(await codeOf(keys.rotate('k'))).toBe('BadParameter')
    const policy = (timeAfterCreate: string) => ({
      expiryTime: null,
      rotate: { timeAfterCreate, timeBeforeExpiry: null },
      notifyBeforeExpiry: null,
    })
    expect(await codeOf(keys.setRotationPolicy('k', policy('P27D')))).toBe('BadParameter')
    await keys.setRotationPolicy('k', policy('P28D'))
    expect(await codeOf(keys.rotate('k'))).toBe('no error')
  })

  it('have a hundred versions and no more', async () => {
    const hsm = await makeActive('versions')
    const keys = hsmKeys(as(admin), hsm.id)
    await keys.create({ name: 'many', kty: 'EC' })
    await addVersions(db, 'many', 99)
    expect(await keys.listVersions('many')).toHaveLength(100)
    expect(await codeOf(keys.create({ name: 'many', kty: 'EC' }))).toBe('BadParameter')
    expect(await codeOf(keys.rotate('many'))).toBe('BadParameter')
  })

  it('are deleted by users and recovered or purged by officers', async () => {
    const hsm = await makeActive('dutiful')
    const keys = hsmKeys(as(admin), hsm.id)
    await keys.create({ name: 'k', kty: 'EC' })
    await keys.remove('k')
    expect(await codeOf(keys.recover('k'))).toBe('ForbiddenByRbac')
    await assignHsmRole(as(admin), hsm.id, {
      scope: '/',
      roleDefinitionId: role('Crypto Officer'),
      principalId: owner.objectId,
    })
    await hsmKeys(as(owner), hsm.id).recover('k')
    await keys.remove('k')
    await hsmKeys(as(owner), hsm.id).purge('k')
    expect(await codeOf(hsmKeys(as(owner), hsm.id).getDeleted('k'))).toBe('KeyNotFound')
  })

  it('are refused to a network that the HSM does not know', async () => {
    const hsm = await makeActive('walled-hsm')
    await updateManagedHsm(as(owner), hsm.id, { publicNetworkAccess: false })
    expect(await codeOf(hsmKeys(as(admin), hsm.id).list())).toBe('ForbiddenByConnection')
    const trusted = { ...as(admin), caller: { address: '127.0.0.1', trustedService: 'PostgreSQL' } }
    expect(await codeOf(hsmKeys(trusted, hsm.id).list())).toBe('no error')
  })
})

describe('local roles', () => {
  it('work at the next call, for one key too, and end when they are taken away', async () => {
    const hsm = await makeActive('roles')
    for (const name of ['mine', 'other']) await hsmKeys(as(admin), hsm.id).create({ name, kty: 'RSA' })
    const wrap = (name: string) =>
      codeOf(hsmKeys(as(owner), hsm.id).wrap({ name, version: null, alg: 'RSA-OAEP-256', value: Buffer.from('x') }))
    expect(await wrap('mine')).toBe('ForbiddenByRbac')
    const roleDefinitionId = role('Crypto Service Encryption User')
    const input = { scope: '/keys/mine', roleDefinitionId, principalId: owner.objectId }
    const given = await assignHsmRole(as(admin), hsm.id, input)
    expect(await assignHsmRole(as(admin), hsm.id, input)).toEqual(given)
    expect(given).toMatchObject({ principalName: 'Otto', roleName: 'Managed HSM Crypto Service Encryption User' })
    expect([await wrap('mine'), await wrap('other')]).toEqual(['no error', 'ForbiddenByRbac'])
    expect(await codeOf(listHsmRoleAssignments(as(owner), hsm.id))).toBe('ForbiddenByRbac')
    await removeHsmRoleAssignment(as(admin), hsm.id, given.id)
    expect(await wrap('mine')).toBe('ForbiddenByRbac')
  })

  it('leave a record of each request, refused ones too', async () => {
    const hsm = await makeActive('recorded')
    await codeOf(hsmKeys(as(owner), hsm.id).list())
    const log = await db.auditEvent.findMany({ where: { storeId: hsm.id }, orderBy: { seq: 'asc' } })
    expect(log.map((e) => [e.operationName, e.httpStatusCode])).toEqual([
      ['ManagedHsmPut', 200],
      ['SecurityDomainDownload', 200],
      ['RoleAssignmentCreate', 200],
      ['KeyList', 403],
    ])
  })
})

describe('a deleted HSM', () => {
  it('comes back activated, with keys and local roles', async () => {
    const hsm = await makeActive('back-again')
    await hsmKeys(as(admin), hsm.id).create({ name: 'k', kty: 'EC' })
    await deleteManagedHsm(as(owner), hsm.id)
    expect(await codeOf(hsmKeys(as(admin), hsm.id).get('k'))).toBe('VaultNotFound')
    expect(await codeOf(make('back-again'))).toBe('NameUnavailable')
    await recoverManagedHsm(as(owner), hsm.id)
    expect(await codeOf(hsmKeys(as(admin), hsm.id).get('k'))).toBe('no error')
    await deleteManagedHsm(as(owner), hsm.id)
    expect(await codeOf(purgeManagedHsm(as(owner), hsm.id))).toBe('AuthorizationFailed')
    await purgeManagedHsm(service, hsm.id)
    expect(await db.hsmRoleAssignment.count({ where: { hsmId: hsm.id } })).toBe(0)
    expect(await db.key.count({ where: { storeId: hsm.id } })).toBe(0)
  })
})
