import { KeyVaultManagementClient } from '@azure/arm-keyvault'
import { ManagementLockClient } from '@azure/arm-locks'
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline'
import { expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup, createServicePrincipal, issueToken } from '@/server/identity/service'
import type { Principal } from '@/server/kernel/context'
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
const credentialOf = (who: Principal) => ({
  getToken: async () => ({
    token: await issueToken(
      { db, custody },
      {
        tenantId: TENANT_ID,
        principal: who,
        audience: 'https://management.azure.com',
        now: service.now,
        lifetimeSeconds: 3600,
      },
    ),
    expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
  }),
})
const credential = credentialOf(principal)
const options = { endpoint: 'https://management.localhost:8443', httpClient, retryOptions: { maxRetries: 0 } }
const { vaults, privateEndpointConnections, ...management } = new KeyVaultManagementClient(
  credential,
  SUBSCRIPTION_ID,
  options,
)
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

it('keys are resources: made where they are missing, read with their versions, and never changed', async () => {
  await make('arm-keys', { publicNetworkAccess: 'Disabled' })
  const { keys } = management
  const made = await keys.createIfNotExist('rg', 'arm-keys', 'sealing', {
    tags: { team: 'db' },
    properties: {
      kty: 'RSA',
      keySize: 3072,
      keyOps: ['wrapKey', 'unwrapKey'],
      attributes: { expires: 2_000_000_000 },
      rotationPolicy: {
        attributes: { expiryTime: 'P90D' },
        lifetimeActions: [{ trigger: { timeAfterCreate: 'P30D' }, action: { type: 'rotate' } }],
      },
    },
  })
  const origin = 'https://arm-keys.vault.localhost:8443/keys/sealing'
  expect(made).toMatchObject({
    id: `${idOf('arm-keys')}/keys/sealing`,
    type: 'Microsoft.KeyVault/vaults/keys',
    tags: { team: 'db' },
    ...{ kty: 'RSA', keySize: 3072, keyOps: ['wrapKey', 'unwrapKey'], keyUri: origin },
    attributes: { enabled: true, expires: 2_000_000_000 },
    rotationPolicy: { attributes: { expiryTime: 'P90D' }, lifetimeActions: [{ trigger: { timeAfterCreate: 'P30D' } }] },
  })
  const again = await keys.createIfNotExist('rg', 'arm-keys', 'SEALING', { properties: { kty: 'EC' } })
  expect(again.keyUriWithVersion).toBe(made.keyUriWithVersion)
  const version = made.keyUriWithVersion!.slice(origin.length + 1)
  expect((await keys.getVersion('rg', 'arm-keys', 'sealing', version)).name).toBe(version)
  for (let i = 0; i < 26; i++)
    await keys.createIfNotExist('rg', 'arm-keys', `k${i}`, { properties: { kty: 'EC', curveName: 'P-256' } })
  const names: unknown[] = []
  for await (const key of keys.list('rg', 'arm-keys')) names.push(key.name)
  expect(new Set(names).size).toBe(27)
  const versions: unknown[] = []
  for await (const v of keys.listVersions('rg', 'arm-keys', 'sealing')) versions.push(v.name)
  expect(versions).toEqual([version])
  expect(await failure(keys.get('rg', 'arm-keys', 'none'))).toMatchObject({ statusCode: 404, code: 'KeyNotFound' })
  expect(
    await failure(keys.createIfNotExist('rg', 'arm-keys', 'bad', { properties: { kty: 'RSA', keySize: 100 } })),
  ).toMatchObject({ statusCode: 400, code: 'BadRequest' })
})

it('keys as resources are a matter of roles at the store, and of its locks', async () => {
  await make('arm-roles', { enableRbacAuthorization: false })
  const reader = await createServicePrincipal(service, { displayName: 'reader' })
  await assignRole(service, {
    scope: idOf('arm-roles'),
    roleDefinitionId: ROLE_IDS.reader,
    principalId: reader.principal.objectId,
  })
  const theirs = new KeyVaultManagementClient(credentialOf(reader.principal), SUBSCRIPTION_ID, options).keys
  const ec = { properties: { kty: 'EC' as const } }
  expect(await failure(theirs.createIfNotExist('rg', 'arm-roles', 'k', ec))).toMatchObject({
    statusCode: 403,
    code: 'AuthorizationFailed',
  })
  await management.keys.createIfNotExist('rg', 'arm-roles', 'k', ec)
  expect((await theirs.get('rg', 'arm-roles', 'k')).kty).toBe('EC')
  await managementLocks.createOrUpdateByScope(idOf('arm-roles'), 'keep', { level: 'ReadOnly' })
  expect(await failure(management.keys.createIfNotExist('rg', 'arm-roles', 'k2', ec))).toMatchObject({
    code: 'ScopeLocked',
  })
  const records = await db.auditEvent.findMany({ where: { storeId: idOf('arm-roles') }, orderBy: { seq: 'asc' } })
  expect(records.map((r) => [r.operationName, r.httpStatusCode])).toEqual([
    ['VaultPut', 200],
    ['KeyCreate', 403],
    ['KeyCreate', 200],
    ['KeyGet', 200],
    ['KeyRotationPolicyGet', 200],
    ['KeyGet', 200],
    ['KeyRotationPolicyGet', 200],
    ['KeyCreate', 409],
  ])
})

it('the management plane’s requests are in the vault’s audit log, refused ones too', async () => {
  await make('arm-audit', { softDeleteRetentionInDays: 7, enablePurgeProtection: true })
  await vaults.get('rg', 'arm-audit')
  await vaults.update('rg', 'arm-audit', { tags: { a: 'b' } })
  const stranger = await createServicePrincipal(service, { displayName: 'stranger' })
  const theirs = new KeyVaultManagementClient(credentialOf(stranger.principal), SUBSCRIPTION_ID, options).vaults
  await assignRole(service, {
    scope: GROUP,
    roleDefinitionId: ROLE_IDS.reader,
    principalId: stranger.principal.objectId,
  })
  expect(await failure(theirs.delete('rg', 'arm-audit'))).toMatchObject({ code: 'AuthorizationFailed' })
  await vaults.delete('rg', 'arm-audit')
  expect(await failure(vaults.purgeDeleted('arm-audit', 'westeurope'))).toMatchObject({ code: 'MethodNotAllowed' })
  await make('arm-audit', { createMode: 'recover' })
  const records = await db.auditEvent.findMany({ where: { storeId: idOf('arm-audit') }, orderBy: { seq: 'asc' } })
  expect(records.map((r) => [r.operationName, r.httpStatusCode])).toEqual([
    ['VaultPut', 200],
    ['VaultGet', 200],
    ['VaultPatch', 200],
    ['VaultDelete', 403],
    ['VaultDelete', 200],
    ['VaultPurge', 403],
    ['VaultRecover', 200],
  ])
  expect(records[3]!.identity).toMatchObject({ claim: { oid: stranger.principal.objectId } })
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
