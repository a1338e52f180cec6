import { generateKeyPairSync } from 'node:crypto'
import { KeyVaultManagementClient } from '@azure/arm-keyvault'
import { createHttpHeaders, type HttpClient, RestError } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup, createServicePrincipal, issueToken, setLock } from '@/server/identity/service'
import { activateManagedHsm, hsmKeys } from '@/server/managed-hsm/service'
import { handleArm } from '@/server/surfaces/arm/handler'
import { custody, START, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

const { db, service, as } = await testTenant()
const location = 'westeurope'
const SCOPE = `/subscriptions/${SUBSCRIPTION_ID}`
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location })

const httpClient: HttpClient = {
  async sendRequest(request) {
    const body = typeof request.body === 'string' ? request.body : undefined
    const headers = Object.fromEntries(request.headers)
    const asked = new Request(request.url, { method: request.method, headers, body })
    const answer = await handleArm(asked, { db, custody, httpsPort: 8443, caller: { address: '127.0.0.1' } })
    const given = createHttpHeaders(Object.fromEntries(answer.headers))
    return { request, status: answer.status, headers: given, bodyAsText: await answer.text() }
  },
}

async function signedIn(roleId: string) {
  const { principal } = await createServicePrincipal(service, { displayName: `app ${roleId}` })
  await assignRole(service, { scope: SCOPE, roleDefinitionId: roleId, principalId: principal.objectId })
  const audience = 'https://management.azure.com'
  const lifetimeSeconds = 3600
  const token = await issueToken(
    { db, custody },
    { tenantId: TENANT_ID, principal, audience, now: START, lifetimeSeconds },
  )
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
  const endpoint = 'https://management.localhost:8443'
  const client = new KeyVaultManagementClient(credential, SUBSCRIPTION_ID, {
    ...{ endpoint, httpClient },
    retryOptions: { maxRetries: 0 },
  })
  return { principal, hsms: client.managedHsms, keys: client.managedHsmKeys }
}

const { principal, hsms, keys } = await signedIn(ROLE_IDS.owner)
const { hsms: readerHsms } = await signedIn(ROLE_IDS.reader)
const once = { updateIntervalInMs: 1 }
const parameters = (more: object = {}) => ({
  location,
  sku: { family: 'B' as const, name: 'Standard_B1' as const },
  properties: {
    tenantId: TENANT_ID,
    initialAdminObjectIds: [principal.objectId],
    softDeleteRetentionInDays: 7,
    ...more,
  },
})
const failure = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => 'no error',
    (error) => {
      if (!(error instanceof RestError)) throw error
      return `${error.statusCode} ${error.code}`
    },
  )

describe('the unmodified management client', () => {
  it('creates, reads, changes, lists, deletes, recovers and purges a managed HSM', async () => {
    expect(await hsms.checkMhsmNameAvailability({ name: 'sdk-hsm' })).toMatchObject({ nameAvailable: true })
    const made = await hsms.createOrUpdate('rg', 'sdk-hsm', parameters(), once)
    expect(made).toMatchObject({
      name: 'sdk-hsm',
      properties: {
        provisioningState: 'Succeeded',
        hsmUri: 'https://sdk-hsm.managedhsm.localhost:8443/',
        securityDomainProperties: { activationStatus: 'NotActivated' },
      },
    })
    expect((await hsms.get('rg', 'SDK-HSM'))?.id).toBe(made.id)
    const changed = await hsms.update('rg', 'sdk-hsm', { tags: { a: 'b' } }, once)
    expect(changed.tags).toEqual({ a: 'b' })
    const names: unknown[] = []
    for await (const hsm of hsms.listByResourceGroup('rg')) names.push(hsm.name)
    for await (const hsm of hsms.listBySubscription()) names.push(hsm.name)
    expect(names).toEqual(['sdk-hsm', 'sdk-hsm'])
    await hsms.delete('rg', 'sdk-hsm', once)
    expect(await hsms.checkMhsmNameAvailability({ name: 'sdk-hsm' })).toMatchObject({
      nameAvailable: false,
      reason: 'AlreadyExists',
    })
    expect(await failure(hsms.createOrUpdate('rg', 'sdk-hsm', parameters(), once))).toBe('409 VaultAlreadyExists')
    expect(await hsms.getDeleted('sdk-hsm', location)).toMatchObject({ properties: { mhsmId: made.id } })
    await hsms.createOrUpdate('rg', 'sdk-hsm', parameters({ createMode: 'recover' }), once)
    await hsms.delete('rg', 'sdk-hsm', once)
    await hsms.purgeDeleted('sdk-hsm', location, once)
    const deleted: unknown[] = []
    for await (const hsm of hsms.listDeleted()) deleted.push(hsm.name)
    expect(deleted).toEqual([])
  })

  it('is refused what Azure refuses', async () => {
    expect(await failure(readerHsms.createOrUpdate('rg', 'r-hsm', parameters(), once))).toBe('403 AuthorizationFailed')
    await hsms.createOrUpdate('rg', 'kept-hsm', parameters({ enablePurgeProtection: true }), once)
    const fewer = parameters({ softDeleteRetentionInDays: 30 })
    expect(await failure(hsms.createOrUpdate('rg', 'kept-hsm', fewer, once))).toBe('400 BadRequest')
    const open = parameters({ enablePurgeProtection: false })
    expect(await failure(hsms.createOrUpdate('rg', 'kept-hsm', open, once))).toBe('400 BadRequest')
    await hsms.delete('rg', 'kept-hsm', once)
    expect(await failure(hsms.purgeDeleted('kept-hsm', location, once))).toMatch(/MethodNotAllowed$/)
    expect(await failure(hsms.get('rg', 'none-hsm'))).toBe('404 ResourceNotFound')
  })

  it('makes keys of a pool that is active, once', async () => {
    await hsms.createOrUpdate('rg', 'keyed-hsm', parameters(), once)
    const make = () => keys.createIfNotExist('rg', 'keyed-hsm', 'k', { properties: { kty: 'RSA-HSM', keySize: 2048 } })
    expect(await failure(make())).toBe('409 HsmNotActivated')
    const holder = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    const publicKeys = [1, 2, 3].map(() => String(holder().export({ format: 'pem', type: 'spki' })))
    await activateManagedHsm(as(principal), 'keyed-hsm', { publicKeys, quorum: 2 })
    const made = await make()
    expect(made).toMatchObject({
      name: 'k',
      kty: 'RSA-HSM',
      keyUri: 'https://keyed-hsm.managedhsm.localhost:8443/keys/k',
    })
    expect((await make()).keyUriWithVersion).toBe(made.keyUriWithVersion)
    const names: unknown[] = []
    for await (const key of keys.list('rg', 'keyed-hsm')) names.push(key.name)
    expect(names).toEqual(['k'])
  })

  it('is held up by locks on the control plane, whatever its role, and never on the data plane', async () => {
    const made = await hsms.createOrUpdate('rg', 'locked-hsm', parameters(), once)
    const holder = () => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    const publicKeys = [1, 2, 3].map(() => String(holder().export({ format: 'pem', type: 'spki' })))
    await activateManagedHsm(as(principal), 'locked-hsm', { publicKeys, quorum: 2 })
    const lock = { scope: made.id!, name: 'keep', notes: '' }
    await setLock(service, { ...lock, level: 'CanNotDelete' })
    expect(await failure(hsms.delete('rg', 'locked-hsm', once))).toBe('409 ScopeLocked')
    await setLock(service, { ...lock, level: 'ReadOnly' })
    expect(await failure(hsms.update('rg', 'locked-hsm', { tags: { a: 'b' } }, once))).toBe('409 ScopeLocked')
    expect(await failure(keys.createIfNotExist('rg', 'locked-hsm', 'k', { properties: { kty: 'EC' } }))).toBe(
      '409 ScopeLocked',
    )
    await hsmKeys(service, 'locked-hsm').create({ name: 'free', kty: 'EC' })
    await hsmKeys(service, 'locked-hsm').remove('free')
  })
})
