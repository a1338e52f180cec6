import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { importPKCS8 } from 'jose'
import { describe, expect, it } from 'vitest'
import { createResourceGroup, createUser, issueToken } from '@/server/identity/service'
import type { Ctx, Principal } from '@/server/kernel/context'
import { HSM_ROLE_IDS } from '@/server/managed-hsm/model'
import { findShare, openDomain, type SecurityDomain, wrapForPool } from '@/server/managed-hsm/model/security-domain'
import {
  activateManagedHsm,
  assignHsmRole,
  beginHsmRecovery,
  createManagedHsm,
  hsmKeys,
  listHsmRoleAssignments,
  uploadHsmDomain,
} from '@/server/managed-hsm/service'
import { restorePool } from '@/server/managed-hsm/service/pool-backup'
import { handleManagedHsm } from '@/server/surfaces/managed-hsm/handler'
import { codeOf, hsmInput, LOCATION } from '../../support/key-stores'
import { custody, later, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

/** The REST of a pool's full backup and restore, as Azure's administration clients speak it. */
const { db, service, as } = await testTenant()
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const admin = await createUser(service, { displayName: 'Ada', upn: 'ada@contoso.example' })
const user = await createUser(service, { displayName: 'Uma', upn: 'uma@contoso.example' })
const holders = Array.from({ length: 3 }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }))
const pem = (key: KeyObject, type: 'spki' | 'pkcs8') => key.export({ format: 'pem', type }).toString()
const publicKeys = holders.map((h) => pem(h.publicKey, 'spki'))
const CONTAINER = 'https://contoso.blob.core.windows.net/backups'

async function pool(name: string) {
  await createManagedHsm(service, hsmInput(name, [admin.objectId]))
  const { securityDomain } = await activateManagedHsm(as(admin), name, { publicKeys, quorum: 2 })
  await give(name)
  return JSON.parse(securityDomain) as SecurityDomain
}
const give = (name: string) =>
  assignHsmRole(as(admin), name, { scope: '/', roleDefinitionId: HSM_ROLE_IDS.cryptoUser, principalId: user.objectId })

type Answer = { status: number; headers: Headers; json: ReturnType<typeof JSON.parse> }
async function call(who: Principal, hsm: string, method: string, path: string, body?: object): Promise<Answer> {
  const grant = { tenantId: TENANT_ID, principal: who, audience: 'https://managedhsm.azure.net', now: service.now }
  const token = await issueToken({ db, custody }, { ...grant, lifetimeSeconds: 3600 })
  const request = new Request(`https://${hsm}.managedhsm.localhost:8443${path}?api-version=7.5`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: body && JSON.stringify(body),
  })
  const answer = await handleManagedHsm(request, { db, custody, httpsPort: 8443, caller: { address: '127.0.0.1' } })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, json: text ? JSON.parse(text) : null }
}
const backUp = (hsm: string, who: Principal = admin) =>
  call(who, hsm, 'POST', '/backup', { storageResourceUri: `${CONTAINER}/`, token: 'sv=2030&sig=secret' })
const sasTokenParameters = { storageResourceUri: CONTAINER, token: 'sv=2030&sig=secret' }
const folderOf = ({ json }: Answer) => String(json.azureStorageBlobContainerUri).split('/').at(-1)!
const restore = (hsm: string, folderToRestore: string, who: Principal = admin) =>
  call(who, hsm, 'PUT', '/restore', { sasTokenParameters, folderToRestore })
const keysOf = (hsm: string, ctx: Ctx = as(user)) => hsmKeys(ctx, hsm)
const names = async (hsm: string) => (await keysOf(hsm).list()).map((k) => k.name)
const unwraps = async (hsm: string, name: string, value: Buffer) =>
  (await keysOf(hsm).unwrap({ name, version: null, alg: 'RSA-OAEP-256', value })).value.toString()

describe('a full backup', () => {
  it('brings the keys and local roles of a pool back as they were', async () => {
    await pool('whole')
    await keysOf('whole').create({ name: 'kept', kty: 'RSA', tags: { a: 'b' } })
    const { value } = await keysOf('whole').wrap({
      name: 'kept',
      version: null,
      alg: 'RSA-OAEP-256',
      value: Buffer.from('x'),
    })
    const roles = await listHsmRoleAssignments(as(admin), 'whole')
    const job = await backUp('whole')
    expect(job.status).toBe(202)
    expect(job.headers.get('azure-asyncoperation')).toBe(
      `https://whole.managedhsm.localhost:8443/backup/${job.json.jobId}/pending`,
    )
    expect((await call(admin, 'whole', 'GET', `/backup/${job.json.jobId}/pending`)).json).toEqual(job.json)
    expect(job.json).toMatchObject({
      status: 'Succeeded',
      azureStorageBlobContainerUri: expect.stringContaining(`${CONTAINER}/mhsm-whole-2030`),
    })

    await keysOf('whole').create({ name: 'younger', kty: 'EC' })
    await keysOf('whole').remove('kept')
    const back = await restore('whole', folderOf(job))
    expect(back.status).toBe(202)
    expect((await call(admin, 'whole', 'GET', `/restore/${back.json.jobId}/pending`)).json.status).toBe('Succeeded')
    expect(await names('whole')).toEqual(['kept'])
    expect(await unwraps('whole', 'kept', value)).toBe('x')
    expect(await listHsmRoleAssignments(as(admin), 'whole')).toEqual(roles)
  })

  it('opens in a pool of the same security domain alone', async () => {
    const domain = await pool('lost')
    await keysOf('lost').create({ name: 'treasure', kty: 'RSA' })
    const wrapped = { name: 'treasure', version: null, alg: 'RSA-OAEP-256', value: Buffer.from('gold') }
    const { value } = await keysOf('lost').wrap(wrapped)
    const folder = folderOf(await backUp('lost'))
    await pool('foreign')
    await backUp('foreign')
    expect((await restore('foreign', folder)).json.error).toMatchObject({ code: 'BadParameter' })
    await createManagedHsm(service, hsmInput('heir', [admin.objectId]))
    const { exchangeCertificate } = await beginHsmRecovery(as(admin), 'heir')
    const shares = []
    for (const holder of holders.slice(0, 2))
      shares.push(
        await findShare(
          domain,
          await importPKCS8(pem(holder.privateKey, 'pkcs8'), 'RSA-OAEP-256', { extractable: true }),
        ),
      )
    const blob = await wrapForPool(
      await openDomain(
        domain,
        shares.map((s) => s!),
      ),
      exchangeCertificate,
    )
    await uploadHsmDomain(as(admin), 'heir', JSON.stringify(blob))
    await backUp('heir')
    expect((await restore('heir', folder)).status).toBe(202)
    expect(await unwraps('heir', 'treasure', value)).toBe('gold')
  })

  it('brings one key back beside the others, under a name that is free', async () => {
    await pool('single')
    await keysOf('single').create({ name: 'one', kty: 'EC' })
    await keysOf('single').create({ name: 'two', kty: 'EC' })
    const folder = folderOf(await backUp('single'))
    const one = () => call(admin, 'single', 'PUT', '/keys/one/restore', { sasTokenParameters, folder })
    expect((await one()).status).toBe(409)
    await assignHsmRole(as(admin), 'single', {
      scope: '/',
      roleDefinitionId: HSM_ROLE_IDS.cryptoOfficer,
      principalId: user.objectId,
    })
    await keysOf('single').remove('one')
    await keysOf('single').purge('one')
    await keysOf('single').create({ name: 'three', kty: 'EC' })
    expect((await one()).status).toBe(202)
    expect(await names('single')).toEqual(['one', 'three', 'two'])
    const none = await call(admin, 'single', 'PUT', '/keys/none/restore', { sasTokenParameters, folder })
    expect(none.json.error).toMatchObject({ code: 'KeyNotFound' })
  })

  it('is not restored over a pool that was not backed up within the half hour before', async () => {
    await pool('careless')
    const folder = folderOf(await backUp('careless'))
    await keysOf('careless').create({ name: 'new', kty: 'EC' })
    const minutesLater = (minutes: number) =>
      codeOf(restorePool(later(as(admin), minutes * 60), 'careless', { container: CONTAINER, folder }))
    expect(await minutesLater(31)).toBe('PreconditionFailed')
    expect(await names('careless')).toEqual(['new'])
    expect(await minutesLater(30)).toBe('no error')
    expect(await names('careless')).toEqual([])
  })

  it('takes its local role, lies sealed, and keeps no token of the storage', async () => {
    await pool('guarded')
    await keysOf('guarded').create({ name: 'oct', kty: 'oct' })
    expect((await backUp('guarded', user)).status).toBe(403)
    const folder = folderOf(await backUp('guarded'))
    expect((await restore('guarded', folder, user)).status).toBe(403)
    const row = await db.hsmJob.findFirstOrThrow({ where: { folder } })
    const version = await db.keyVersion.findFirstOrThrow({ where: { key: { name: 'oct' } } })
    const secret = custody.open('key-material', `${version.keyId}/${version.version}`, version.sealedPrivate)
    const blob = Buffer.from(row.blob!)
    for (const form of [secret, Buffer.from(secret.toString('base64'))]) expect(blob.includes(form)).toBe(false)
    expect(Object.values({ ...row, blob: '' }).join()).not.toContain('sig=')
    for (const [path, body] of [
      ['/backup', { storageResourceUri: 'ftp://x' }],
      ['/backup', {}],
      ['/backup', undefined],
    ] as const)
      expect((await call(admin, 'guarded', 'POST', path, body)).json.error.code).toBe('BadParameter')
    expect((await call(admin, 'guarded', 'GET', '/backup/none/pending')).status).toBe(404)
    expect((await restore('guarded', 'nothing')).json.error.code).toBe('BadParameter')
  })
})
