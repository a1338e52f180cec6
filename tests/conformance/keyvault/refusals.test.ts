import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createResourceGroup, createUser, issueToken } from '@/server/identity/service'
import type { Caller } from '@/server/kernel/context'
import { createVault, deleteVault, setAccessPolicy, updateVault } from '@/server/keyvault/service'
import { handleKeyVault } from '@/server/surfaces/keyvault/handler'
import { LOCATION, vaultInput } from '../../support/key-stores'
import { custody, later, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

/** Every documented refusal in the service's own words; the SDKs check dates and operations themselves, so without one. */
const { db, service } = await testTenant()
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const officer = await createUser(service, { displayName: 'Olga', upn: 'olga@contoso.example' })
const vault = await createVault(service, vaultInput('refusals', { rbac: false }))
await setAccessPolicy(service, vault.id, { objectId: officer.objectId, keys: ['all', 'purge'] })
const token = await issueToken(
  { db, custody },
  {
    tenantId: TENANT_ID,
    principal: officer,
    audience: 'https://vault.azure.net',
    now: service.now,
    lifetimeSeconds: 3600,
  },
)

type Answer = { status: number; code?: string; inner?: string; message: string; json: ReturnType<typeof JSON.parse> }

async function call(
  method: string,
  path: string,
  body?: object,
  more: { host?: string; caller?: Caller } = {},
): Promise<Answer> {
  const request = new Request(`https://${more.host ?? 'refusals'}.vault.localhost:8443${path}?api-version=7.4`, {
    method,
    body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${token}` },
  })
  const caller = more.caller ?? { address: '127.0.0.1' }
  const response = await handleKeyVault(request, { db, custody, httpsPort: 8443, caller })
  const text = await response.text()
  const json = text ? JSON.parse(text) : null
  const { code, message = '', innererror } = json?.error ?? {}
  return { status: response.status, code, inner: innererror?.code, message, json }
}
const seconds = (n: number) => later(service, n).now.getTime() / 1000

await call('POST', '/keys/k/create', { kty: 'RSA' })
const digest = randomBytes(32).toString('base64url')
const wrapped = (await call('POST', '/keys/k//wrapkey', { alg: 'RSA-OAEP-256', value: 'AQID' })).json.value
const signature = (await call('POST', '/keys/k//sign', { alg: 'RS256', value: digest })).json.value
const USES: Record<string, [path: string, body: object]> = {
  encrypt: ['encrypt', { alg: 'RSA-OAEP-256', value: 'AQID' }],
  wrapKey: ['wrapkey', { alg: 'RSA-OAEP-256', value: 'AQID' }],
  sign: ['sign', { alg: 'RS256', value: digest }],
  decrypt: ['decrypt', { alg: 'RSA-OAEP-256', value: wrapped }],
  unwrapKey: ['unwrapkey', { alg: 'RSA-OAEP-256', value: wrapped }],
  verify: ['verify', { alg: 'RS256', digest, value: signature }],
}
const use = (operation: string) => call('POST', `/keys/k//${USES[operation]![0]}`, USES[operation]![1])
const set = (patch: object) => call('PATCH', '/keys/k', patch)
const PROTECTING = ['encrypt', 'wrapKey', 'sign']
const OPENING = ['decrypt', 'unwrapKey', 'verify']

describe('a key', () => {
  it.each([...PROTECTING, ...OPENING])('that is disabled refuses %s', async (operation) => {
    await set({ attributes: { enabled: false } })
    expect(await use(operation)).toMatchObject({
      ...{ status: 403, code: 'Forbidden', inner: 'KeyDisabled' },
      message: `Operation ${operation} is not allowed on a disabled key.`,
    })
    await set({ attributes: { enabled: true } })
    expect((await use(operation)).status).toBe(200)
  })

  it.each([
    ['not yet valid', 'KeyNotYetValid', { nbf: seconds(60), exp: null }],
    ['expired', 'KeyExpired', { nbf: null, exp: seconds(0) }],
  ])('that is %s protects nothing new, and opens what it protected', async (_what, inner, attributes) => {
    await set({ attributes })
    for (const operation of PROTECTING)
      expect(await use(operation), operation).toMatchObject({ status: 403, code: 'Forbidden', inner })
    for (const operation of OPENING) expect((await use(operation)).status, operation).toBe(200)
    expect((await call('GET', '/keys/k')).status).toBe(200)
    await set({ attributes: { nbf: null, exp: null } })
    for (const operation of PROTECTING) expect((await use(operation)).status, operation).toBe(200)
  })

  it.each([...PROTECTING, ...OPENING])('without the operation %s refuses it', async (operation) => {
    const others = Object.keys(USES).filter((o) => o !== operation)
    await set({ key_ops: others })
    expect(await use(operation)).toMatchObject({
      ...{ status: 403, code: 'Forbidden', inner: 'KeyOperationForbidden' },
      message: `Operation ${operation} is not permitted on this key.`,
    })
    await set({ key_ops: Object.keys(USES) })
  })

  it('takes no algorithm of another type, and says which type has it', async () => {
    expect(await call('POST', '/keys/k//sign', { alg: 'ES256', value: digest })).toMatchObject({
      ...{ status: 400, code: 'BadParameter' },
      message: expect.stringContaining("algorithm 'ES256' can only be used with a key of type 'EC' or 'EC-HSM'"),
    })
    await call('POST', '/keys/curve/create', { kty: 'EC', key_ops: ['wrapKey'] })
    expect(await call('POST', '/keys/curve//wrapkey', { alg: 'RSA-OAEP-256', value: 'AQID' })).toMatchObject({
      ...{ status: 400, code: 'BadParameter' },
    })
  })

  it('that is not there is named in the answer, with a way to get it back', async () => {
    const version = '0'.repeat(32)
    for (const [method, path, id] of [
      ['GET', '/keys/none', 'none'],
      ['GET', `/keys/k/${version}`, `k/${version}`],
      ['POST', '/keys/none/rotate', 'none'],
      ['DELETE', '/keys/none', 'none'],
      ['GET', '/keys/none/versions', 'none'],
      ['POST', '/keys/none/backup', 'none'],
    ] as const) {
      const answer = await call(method, path)
      expect(answer, path).toMatchObject({ status: 404, code: 'KeyNotFound' })
      expect(answer.message).toContain(`A key with (name/id) ${id} was not found in this key vault.`)
    }
    for (const [method, path] of [
      ['GET', '/deletedkeys/none'],
      ['POST', '/deletedkeys/none/recover'],
      ['DELETE', '/deletedkeys/none'],
    ] as const)
      expect(await call(method, path), path).toMatchObject({ status: 404, message: 'Deleted Key not found: none' })
  })

  it('that was deleted keeps its name from being made, imported or restored', async () => {
    await call('POST', '/keys/kept/create', { kty: 'EC' })
    const { value } = (await call('POST', '/keys/kept/backup')).json
    expect(await call('POST', '/keys/restore', { value })).toMatchObject({ status: 409, code: 'Conflict' })
    await call('DELETE', '/keys/kept')
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
    for (const [method, path, body] of [
      ['POST', '/keys/kept/create', { kty: 'EC' }],
      ['POST', '/keys/restore', { value }],
      ['PUT', '/keys/kept', { key: jwk }],
    ] as const)
      expect(await call(method, path, body), path).toMatchObject({
        ...{ status: 409, code: 'Conflict', inner: 'ObjectIsDeletedButRecoverable' },
        message: expect.stringContaining('deleted but recoverable state, and its name cannot be reused'),
      })
  })
})

describe('a vault', () => {
  it('refuses addresses that its rules do not name, saying which it was', async () => {
    await updateVault(service, vault.id, {
      networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', ipRules: ['203.0.113.0/24'] },
    })
    const from = (caller: Caller) => call('GET', '/keys/k', undefined, { caller })
    const refused = await from({ address: '198.51.100.7' })
    expect(refused).toMatchObject({ status: 403, code: 'Forbidden', inner: 'ForbiddenByFirewall' })
    expect(refused.message).toContain(
      'Client address is not authorized and caller is not a trusted service.\r\nClient address: 198.51.100.7\r\nCaller: appid=',
    )
    expect((await from({ address: '203.0.113.9' })).status).toBe(200)
    expect((await from({ address: '198.51.100.7', trustedService: 'PostgreSQL' })).status).toBe(200)
  })

  it('whose public access is off refuses whoever is no trusted service and comes by no private link', async () => {
    await updateVault(service, vault.id, { publicNetworkAccess: false })
    const refused = await call('GET', '/keys/k')
    expect(refused).toMatchObject({ status: 403, code: 'Forbidden', inner: 'ForbiddenByConnection' })
    expect(refused.message).toContain(
      'Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\n',
    )
    const records = await db.auditEvent.findMany({ where: { httpStatusCode: 403 }, orderBy: { seq: 'desc' }, take: 1 })
    expect(records[0]).toMatchObject({ operationName: 'KeyGet', properties: { isAddressAuthorized: false } })
    await updateVault(service, vault.id, {
      publicNetworkAccess: true,
      networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [] },
    })
  })

  it('with purge protection purges nothing before its time', async () => {
    const kept = await createVault(service, vaultInput('refusals-kept', { rbac: false, purgeProtection: true }))
    await setAccessPolicy(service, kept.id, { objectId: officer.objectId, keys: ['all', 'purge'] })
    const there = { host: 'refusals-kept' }
    await call('POST', '/keys/k/create', { kty: 'EC' }, there)
    await call('DELETE', '/keys/k', undefined, there)
    const refused = await call('DELETE', '/deletedkeys/k', undefined, there)
    expect(refused).toMatchObject({ status: 403, code: 'Forbidden', inner: undefined })
    expect(refused.message).toBe(
      `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: refusals-kept;location=${LOCATION}`,
    )
    await deleteVault(service, kept.id)
    expect(await call('GET', '/keys', undefined, there)).toMatchObject({ status: 404, code: 'VaultNotFound' })
  })
})
