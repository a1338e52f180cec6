import { KeyVaultManagementClient } from '@azure/arm-keyvault'
import { ManagementLockClient } from '@azure/arm-locks'
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline'
import { expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup, createServicePrincipal, issueToken } from '@/server/identity/service'
import { createPrivateEndpoint, vaultKeys } from '@/server/keyvault/service'
import { handleArm } from '@/server/surfaces/arm/handler'
import { codeOf } from '../../support/key-stores'
import { custody, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

const { db, service, as } = await testTenant()
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: 'westeurope', tags: {} })
const GROUP = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/rg`
const idOf = (name: string) => `${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`

const { principal } = await createServicePrincipal(service, { displayName: 'arm client' })
await assignRole(service, {
  scope: GROUP.slice(0, -'/resourceGroups/rg'.length),
  roleDefinitionId: ROLE_IDS.owner,
  principalId: principal.objectId,
})

/** Our door behind the unmodified clients, without a socket. */
const httpClient: HttpClient = {
  async sendRequest(request) {
    const { url, method, headers, body } = request
    const response = await handleArm(new Request(url, { method, headers: headers.toJSON(), body: body as string }), {
      db,
      custody,
      httpsPort: 8443,
      caller: { address: '127.0.0.1' },
    })
    return {
      request,
      status: response.status,
      headers: createHttpHeaders(Object.fromEntries(response.headers)),
      bodyAsText: await response.text(),
    }
  },
}
const credential = {
  getToken: async () => ({
    token: await issueToken(
      { db, custody },
      {
        tenantId: TENANT_ID,
        principal,
        audience: 'https://management.azure.com',
        now: service.now,
        lifetimeSeconds: 3600,
      },
    ),
    expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
  }),
}
const options = { endpoint: 'https://management.localhost:8443', httpClient, retryOptions: { maxRetries: 0 } }
const { vaults, privateEndpointConnections } = new KeyVaultManagementClient(credential, SUBSCRIPTION_ID, options)
const { managementLocks } = new ManagementLockClient(credential, SUBSCRIPTION_ID, options)

const make = (name: string, more: object = {}) =>
  vaults.createOrUpdate('rg', name, {
    location: 'westeurope',
    properties: { tenantId: TENANT_ID, sku: { family: 'A', name: 'standard' }, accessPolicies: [], ...more },
  })
const failure = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => ({ code: 'no error', statusCode: 200 }),
    (error: { code?: string; statusCode?: number }) => ({ code: error.code, statusCode: error.statusCode }),
  )

it('a vault lives through create, read, update, delete, recover and purge, and its name stays reserved meanwhile', async () => {
  const name = 'arm-life'
  expect((await vaults.checkNameAvailability({ name, type: 'Microsoft.KeyVault/vaults' })).nameAvailable).toBe(true)
  const made = await make(name, { softDeleteRetentionInDays: 7 })
  expect(made.properties).toMatchObject({
    enableRbacAuthorization: true,
    enableSoftDelete: true,
    softDeleteRetentionInDays: 7,
  })
  expect((await vaults.update('rg', name, { tags: { team: 'db' } })).tags).toEqual({ team: 'db' })
  expect(await failure(make(name, { softDeleteRetentionInDays: 9 }))).toMatchObject({
    statusCode: 400,
    code: 'BadRequest',
  })
  await vaults.delete('rg', name)
  expect(await vaults.checkNameAvailability({ name, type: 'Microsoft.KeyVault/vaults' })).toMatchObject({
    nameAvailable: false,
    reason: 'AlreadyExists',
  })
  expect(await failure(make(name))).toMatchObject({ statusCode: 409, code: 'VaultAlreadyExists' })
  expect((await vaults.getDeleted(name, 'westeurope')).properties?.vaultId).toBe(idOf(name))
  await make(name, { createMode: 'recover' })
  expect((await vaults.get('rg', name)).name).toBe(name)
  await vaults.delete('rg', name)
  await vaults.purgeDeleted(name, 'westeurope')
  expect((await vaults.checkNameAvailability({ name, type: 'Microsoft.KeyVault/vaults' })).nameAvailable).toBe(true)
  expect(await vaults.checkNameAvailability({ name: '1', type: 'Microsoft.KeyVault/vaults' })).toMatchObject({
    nameAvailable: false,
    reason: 'AccountNameInvalid',
  })
})

it('soft delete and purge protection are switched on and never off', async () => {
  await make('arm-old', { enableSoftDelete: false })
  expect((await vaults.get('rg', 'arm-old')).properties.enableSoftDelete).toBe(false)
  expect(await failure(vaults.update('rg', 'arm-old', { properties: { enablePurgeProtection: true } }))).toMatchObject({
    statusCode: 400,
  })
  const both = { properties: { enableSoftDelete: true, enablePurgeProtection: true } }
  expect((await vaults.update('rg', 'arm-old', both)).properties).toMatchObject(both.properties)
  for (const property of ['enableSoftDelete', 'enablePurgeProtection'])
    expect(await failure(vaults.update('rg', 'arm-old', { properties: { [property]: false } }))).toMatchObject({
      statusCode: 400,
      code: 'BadRequest',
    })
})

it('a lock holds up the control plane, for owners too, and never the data plane', async () => {
  await make('arm-locked')
  const scope = idOf('arm-locked')
  await managementLocks.createOrUpdateByScope(scope, 'keep', { level: 'CanNotDelete', notes: 'holds keys' })
  expect(await failure(vaults.delete('rg', 'arm-locked'))).toMatchObject({ statusCode: 409, code: 'ScopeLocked' })
  expect((await vaults.update('rg', 'arm-locked', { tags: { a: 'b' } })).tags).toEqual({ a: 'b' })
  await managementLocks.createOrUpdateByScope(scope, 'keep', { level: 'ReadOnly' })
  expect(await failure(vaults.update('rg', 'arm-locked', { tags: {} }))).toMatchObject({ code: 'ScopeLocked' })
  const assign = assignRole(as(principal), {
    scope,
    roleDefinitionId: ROLE_IDS.keyVaultCryptoOfficer,
    principalId: principal.objectId,
  })
  expect(await codeOf(assign)).toBe('ScopeLocked')
  await assignRole(service, {
    scope,
    roleDefinitionId: ROLE_IDS.keyVaultCryptoOfficer,
    principalId: principal.objectId,
  })
  const keys = vaultKeys(as(principal), 'arm-locked')
  await keys.create({ name: 'free', kty: 'EC' })
  await keys.update('free', null, { enabled: false })
  await keys.remove('free')
  await managementLocks.deleteByScope(scope, 'keep')
  await vaults.delete('rg', 'arm-locked')
})

it('a private endpoint waits for approval, opens the closed vault to those who come by it, and is cut off', async () => {
  await make('arm-private', { publicNetworkAccess: 'Disabled' })
  const endpoint = { name: 'pe-1', subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'rg' }
  const { privateEndpointId } = await createPrivateEndpoint(as(principal), idOf('arm-private'), endpoint)
  await assignRole(service, {
    scope: idOf('arm-private'),
    roleDefinitionId: ROLE_IDS.keyVaultReader,
    principalId: principal.objectId,
  })
  const from = (privateEndpoint?: string) =>
    codeOf(vaultKeys({ ...as(principal), caller: { address: '10.0.0.4', privateEndpoint } }, 'arm-private').list())
  expect(await from()).toBe('ForbiddenByConnection')
  expect(await from(privateEndpointId)).toBe('no error')
  const state = { privateLinkServiceConnectionState: { status: 'Rejected' } }
  await privateEndpointConnections.put('rg', 'arm-private', 'pe-1', state)
  expect(await from(privateEndpointId)).toBe('ForbiddenByConnection')
  expect((await vaults.get('rg', 'arm-private')).properties.privateEndpointConnections).toHaveLength(1)
  await privateEndpointConnections.delete('rg', 'arm-private', 'pe-1').catch(() => undefined)
  expect((await vaults.get('rg', 'arm-private')).properties.privateEndpointConnections ?? []).toHaveLength(0)
})
