import { PostgreSQLManagementFlexibleServerClient } from '@azure/arm-postgresql-flexible'
import { createHttpHeaders, type HttpClient, RestError } from '@azure/core-rest-pipeline'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createServicePrincipal, issueToken, updateTenantSettings } from '@/server/identity/service'
import { vaultKeys } from '@/server/keyvault/service'
import { handleArm } from '@/server/surfaces/arm/handler'
import { START, SUBSCRIPTION_ID, TENANT_ID } from '../../support/tenant'
import { GROUP, LOCATION, makeVault, PASSWORD, testWorld, VAULT, vaultIdOf } from '../../support/world'

const world = await testWorld()
const { db } = world.engine
const ctx = await world.ctx()
/** Every request that the clients made: what they sent and what they were told. */
const traffic: { method: string; url: string; status: number; headers: Record<string, string> }[] = []

const httpClient: HttpClient = {
  async sendRequest(request) {
    const body = typeof request.body === 'string' ? request.body : undefined
    const asked = new Request(request.url, {
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body,
    })
    const env = { ...world.engine.wiring.surfaceEnv, caller: { address: '127.0.0.1' } }
    const answer = await handleArm(asked, env)
    const headers = Object.fromEntries(answer.headers)
    traffic.push({ method: request.method, url: request.url, status: answer.status, headers })
    return { request, status: answer.status, headers: createHttpHeaders(headers), bodyAsText: await answer.text() }
  },
}

async function signedIn(roleId: string, apiVersion?: string) {
  const { principal } = await createServicePrincipal(ctx, { displayName: `app ${roleId} ${apiVersion ?? ''}` })
  const scope = `/subscriptions/${SUBSCRIPTION_ID}`
  await assignRole(ctx, { scope, roleDefinitionId: roleId, principalId: principal.objectId })
  const token = await issueToken(
    { db, custody: world.engine.wiring.surfaceEnv.custody },
    {
      ...{ tenantId: TENANT_ID, principal, now: START, lifetimeSeconds: 86_400 },
      audience: 'https://management.azure.com',
    },
  )
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
  return new PostgreSQLManagementFlexibleServerClient(credential, SUBSCRIPTION_ID, {
    ...{ endpoint: 'https://management.localhost:8443', httpClient, apiVersion },
    retryOptions: { maxRetries: 0 },
  })
}

const client = await signedIn(ROLE_IDS.owner)
const reader = await signedIn(ROLE_IDS.reader)
const identity = await world.makeIdentity('id-arm')
const other = await world.makeIdentity('id-arm-other')
await world.grant(identity.principalId)
await world.grant(other.principalId)
const key = await world.makeKey('arm')

const parameters = (more: object = {}) => ({
  location: 'North Europe',
  sku: { name: 'Standard_D2ds_v5', tier: 'GeneralPurpose' },
  administratorLogin: 'armadmin',
  administratorLoginPassword: PASSWORD,
  version: '18',
  storage: { storageSizeGB: 128 },
  ...more,
})
const cmk = (keyUri: string, identityId = identity.id) => ({
  identity: { type: 'UserAssigned', userAssignedIdentities: { [identityId]: {} } },
  dataEncryption: {
    type: 'AzureKeyVault',
    primaryKeyURI: keyUri,
    primaryUserAssignedIdentityId: identityId,
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
const create = (name: string, more: object = {}, by = client) =>
  by.servers.beginCreateOrUpdateAndWait(GROUP, name, parameters(more) as never)
const names = async (servers: AsyncIterable<{ name?: string }>) => {
  const found: unknown[] = []
  for await (const { name } of servers) found.push(name)
  return found
}

describe('the unmodified client', () => {
  it('creates a server with a customer-managed key, and polls it by the headers of a long-running operation', async () => {
    const made = await create('arm-cmk', cmk(key.versionless))
    expect(made).toMatchObject({
      name: 'arm-cmk',
      state: 'Ready',
      location: LOCATION,
      fullyQualifiedDomainName: 'arm-cmk.postgres.localhost',
      identity: { type: 'UserAssigned' },
      dataEncryption: {
        type: 'AzureKeyVault',
        primaryKeyURI: key.versionless,
        primaryUserAssignedIdentityId: identity.id,
        primaryEncryptionKeyStatus: 'Valid',
      },
    })
    expect(Object.keys(made.identity!.userAssignedIdentities!)).toEqual([identity.id])
    const [asked] = traffic.filter((t) => t.method === 'PUT')
    expect(asked).toMatchObject({
      status: 202,
      headers: {
        'azure-asyncoperation': expect.stringMatching(
          /\/providers\/Microsoft\.DBforPostgreSQL\/locations\/northeurope\/azureAsyncOperation\/[0-9a-f-]{36}\?api-version=2025-08-01$/,
        ),
        location: expect.stringContaining('/operationResults/'),
        'retry-after': '1',
      },
    })
    expect(JSON.stringify(made)).not.toContain(PASSWORD)
  })

  it('creates a server with a service-managed key when dataEncryption is left out', async () => {
    const made = await create('arm-smk')
    expect(made.dataEncryption).toMatchObject({ type: 'SystemManaged' })
    expect(made.identity).toBeUndefined()
    expect(await names(client.servers.listBySubscription())).toEqual(['arm-cmk', 'arm-smk'])
    expect(await names(client.servers.listByResourceGroup(GROUP))).toEqual(['arm-cmk', 'arm-smk'])
  })

  it('sees the server Inaccessible and its key Invalid once the key is disabled, and Ready when it is back', async () => {
    await vaultKeys(await world.ctx(), VAULT).update('arm', null, { enabled: false })
    await world.advance(3600)
    const fallen = await client.servers.get(GROUP, 'arm-cmk')
    expect(fallen).toMatchObject({ state: 'Inaccessible', dataEncryption: { primaryEncryptionKeyStatus: 'Invalid' } })
    await vaultKeys(await world.ctx(), VAULT).update('arm', null, { enabled: true })
    await world.advance(3600)
    const healed = await client.servers.get(GROUP, 'arm-cmk')
    expect(healed).toMatchObject({ state: 'Ready', dataEncryption: { primaryEncryptionKeyStatus: 'Valid' } })
  })

  it('switches to another identity and to one version of another key, and the data key stays the same', async () => {
    const before = (await world.server('arm-cmk')).encryption.primary
    const next = await world.makeKey('arm-next')
    const changed = await client.servers.beginUpdateAndWait(GROUP, 'arm-cmk', cmk(next.pinned, other.id) as never)
    expect(changed).toMatchObject({
      state: 'Ready',
      dataEncryption: { primaryKeyURI: next.pinned, primaryUserAssignedIdentityId: other.id },
    })
    const after = (await world.server('arm-cmk')).encryption.primary
    expect(after?.keyCheckValue).toBe(before?.keyCheckValue)
    expect(after?.wrappedByKid).toContain(next.version)
  })

  it('attaches and detaches identities and changes tags without touching the keys', async () => {
    const spare = await world.makeIdentity('id-arm-spare')
    const attach = (id: string, value: object | null) =>
      client.servers.beginUpdateAndWait(GROUP, 'arm-cmk', {
        identity: { type: 'UserAssigned', userAssignedIdentities: { [id]: value } },
        tags: { team: 'keys' },
      } as never)
    const attached = await attach(spare.id, {})
    expect(Object.keys(attached.identity!.userAssignedIdentities!)).toContain(spare.id)
    expect(attached.tags).toEqual({ team: 'keys' })
    const detached = await attach(spare.id, null)
    expect(Object.keys(detached.identity!.userAssignedIdentities!)).not.toContain(spare.id)
    expect(await failure(attach(other.id, null))).toBe('400 InvalidParameterValue')
  })

  it('changes compute size, storage and retention, and takes the same request again as no change', async () => {
    const sku = { name: 'Standard_D8ds_v5', tier: 'GeneralPurpose' }
    const body = { sku, storage: { storageSizeGB: 256 }, backup: { backupRetentionDays: 14 } }
    const changed = await client.servers.beginUpdateAndWait(GROUP, 'arm-smk', body as never)
    expect(changed).toMatchObject({ ...body, state: 'Ready' })
    const again = parameters({ ...body, administratorLoginPassword: undefined })
    expect(await client.servers.beginCreateOrUpdateAndWait(GROUP, 'arm-smk', again as never)).toMatchObject(body)
  })

  it('stops, starts and restarts a server', async () => {
    await client.servers.beginStopAndWait(GROUP, 'arm-smk')
    expect(await client.servers.get(GROUP, 'arm-smk')).toMatchObject({ state: 'Stopped' })
    expect(await failure(client.servers.beginRestartAndWait(GROUP, 'arm-smk'))).toBe('409 ServerIsNotReady')
    await client.servers.beginStartAndWait(GROUP, 'arm-smk')
    await client.servers.beginRestartAndWait(GROUP, 'arm-smk')
    expect(await client.servers.get(GROUP, 'arm-smk')).toMatchObject({ state: 'Ready' })
  })

  it('keeps firewall rules', async () => {
    const rules = client.firewallRules
    const office = { startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' }
    expect(await rules.beginCreateOrUpdateAndWait(GROUP, 'arm-smk', 'office', office)).toMatchObject(office)
    await rules.beginCreateOrUpdateAndWait(GROUP, 'arm-smk', 'home', { ...office, endIpAddress: '203.0.113.2' })
    expect(await names(rules.listByServer(GROUP, 'arm-smk'))).toEqual(['home', 'office'])
    await rules.beginDeleteAndWait(GROUP, 'arm-smk', 'home')
    await rules.beginDeleteAndWait(GROUP, 'arm-smk', 'home')
    expect(await names(rules.listByServer(GROUP, 'arm-smk'))).toEqual(['office'])
    expect(await failure(rules.get(GROUP, 'arm-smk', 'home'))).toBe('404 ResourceNotFound')
    const backwards = { startIpAddress: '10.0.0.2', endIpAddress: '10.0.0.1' }
    expect(await failure(rules.beginCreateOrUpdateAndWait(GROUP, 'arm-smk', 'x', backwards))).toBe(
      '400 InvalidParameterValue',
    )
  })

  it('asks for names, and is told why one cannot be had', async () => {
    const type = 'Microsoft.DBforPostgreSQL/flexibleServers'
    const ask = (name: string) => client.nameAvailability.checkGlobally({ name, type })
    expect(await ask('arm-free')).toMatchObject({ nameAvailable: true })
    expect(await ask('arm-cmk')).toMatchObject({ nameAvailable: false, reason: 'AlreadyExists' })
    expect(await ask('Bad_Name')).toMatchObject({ nameAvailable: false, reason: 'Invalid' })
    const there = client.nameAvailability.checkWithLocation(LOCATION, { name: 'arm-cmk', type })
    expect(await there).toMatchObject({ nameAvailable: false })
  })

  it('reads what a region offers: sizes, storage, versions', async () => {
    const [offer] = await names(client.capabilitiesByLocation.list(LOCATION))
    expect(offer).toBe('FlexibleServerCapabilities')
    for await (const { supportedServerEditions, geoBackupSupported } of client.capabilitiesByServer.list(
      GROUP,
      'arm-cmk',
    )) {
      expect(geoBackupSupported).toBe('Enabled')
      const general = supportedServerEditions?.find((e) => e.name === 'GeneralPurpose')
      expect(general?.supportedServerSkus?.find((s) => s.name === 'Standard_D4ds_v5')).toMatchObject({
        vCores: 4,
        supportedIops: 6400,
        supportedMemoryPerVcoreMb: 4096,
      })
      const sizes = general?.supportedStorageEditions?.[0]?.supportedStorageMb
      expect(sizes?.find((s) => s.storageSizeMb === 131_072)).toMatchObject({ defaultIopsTier: 'P10' })
    }
  })

  it('deletes a server, and is content when it is gone already', async () => {
    await client.servers.beginDeleteAndWait(GROUP, 'arm-smk')
    expect(await failure(client.servers.get(GROUP, 'arm-smk'))).toBe('404 ResourceNotFound')
    await client.servers.beginDeleteAndWait(GROUP, 'arm-smk')
    expect(traffic.at(-1)).toMatchObject({ method: 'DELETE', status: 204 })
  })
})

describe('what Azure refuses is refused, by its codes', () => {
  let far: string
  let bare: string
  beforeAll(async () => {
    const now = await world.ctx()
    await makeVault(now, 'arm-far-kv', 'westeurope')
    await makeVault(now, 'arm-bare-kv', LOCATION, { purgeProtection: false })
    for (const vault of ['arm-far-kv', 'arm-bare-kv']) await world.grant(identity.principalId, vaultIdOf(vault))
    far = (await world.makeKey('k', 'arm-far-kv')).versionless
    bare = (await world.makeKey('k', 'arm-bare-kv')).versionless
  })

  it('keys that break a rule of the service', async () => {
    const stranger = await world.makeIdentity('id-arm-stranger')
    const none = key.versionless.replace(/arm$/, 'none')
    expect(await failure(create('arm-x', cmk(none)))).toBe('400 AzureKeyVaultKeyNameNotFound')
    expect(await failure(create('arm-x', cmk(key.versionless, stranger.id)))).toBe('400 AzureKeyVaultKeyNotFound')
    expect(await failure(create('arm-x', cmk(far)))).toBe('400 AzureKeyVaultMismatchError')
    expect(await failure(create('arm-x', cmk(bare)))).toBe('400 SecurityInvalidAzureKeyVaultRecoveryLevel')
  })

  it('a pair that is incomplete, unlisted, or missing for geo-redundant backup', async () => {
    const { dataEncryption, ...rest } = cmk(key.versionless)
    const half = { ...rest, dataEncryption: { ...dataEncryption, primaryKeyURI: undefined } }
    expect(await failure(create('arm-x', half))).toBe('400 CMKInvalidEncryptionParameters')
    const unlisted = { ...cmk(key.versionless), identity: cmk(key.versionless, other.id).identity }
    expect(await failure(create('arm-x', unlisted))).toBe('400 CMKInvalidEncryptionParameters')
    const geo = { ...cmk(key.versionless), backup: { geoRedundantBackup: 'Enabled' } }
    expect(await failure(create('arm-x', geo))).toBe('400 CMKInvalidEncryptionParameters')
    const old = await signedIn(ROLE_IDS.owner, '2022-12-01')
    expect(await failure(create('arm-x', geo, old))).toBe('400 CMKNotSupportedForGeoRedundantBackupEnabledServer')
  })

  it('a change of mode, a change that this door cannot make, and a value that is not offered', async () => {
    const smk = { dataEncryption: { type: 'SystemManaged' } }
    const update = (body: object) => failure(client.servers.beginUpdateAndWait(GROUP, 'arm-cmk', body as never))
    expect(await update(smk)).toBe('400 InvalidParameterValue')
    expect(await update({ highAvailability: { mode: 'ZoneRedundant' } })).toBe('400 InvalidParameterValue')
    expect(await update({ storage: { storageSizeGB: 64 } })).toBe('400 InvalidParameterValue')
    expect(await failure(create('arm-x', { version: '9' }))).toBe('400 InvalidParameterValue')
    expect(await failure(create('arm-x', { administratorLoginPassword: 'short' }))).toBe('400 InvalidParameterValue')
    expect(await failure(create('arm-x', { createMode: 'GeoRestore' }))).toBe('400 InvalidParameterValue')
  })

  it('a caller without the role, a group that is not there, and a name that somebody has', async () => {
    expect(await failure(create('arm-x', {}, reader))).toBe('403 AuthorizationFailed')
    const lost = client.servers.beginCreateOrUpdateAndWait('rg-none', 'arm-x', parameters() as never)
    expect(await failure(lost)).toBe('404 ResourceGroupNotFound')
    expect(await failure(client.servers.get(GROUP, 'arm-none'))).toBe('404 ResourceNotFound')
    expect(await names(reader.servers.listBySubscription())).toEqual(['arm-cmk'])
  })

  it('a key that is lost while the creation waits for a role: the poll ends in Failed, and nothing is left', async () => {
    const slow = await world.makeKey('arm-slow')
    const waiting = await world.makeIdentity('id-arm-waiting')
    await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: 600 })
    await world.grant(waiting.principalId)
    await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: 0 })
    const body = parameters(cmk(slow.versionless, waiting.id)) as never
    const poller = await client.servers.beginCreateOrUpdate(GROUP, 'arm-late', body)
    expect(await client.servers.get(GROUP, 'arm-late')).toMatchObject({ state: 'Provisioning' })
    await vaultKeys(await world.ctx(), VAULT).update('arm-slow', null, { enabled: false })
    await world.advance(600)
    await expect(poller.pollUntilDone()).rejects.toThrow(/AzureKeyVaultKeyDisabled.*The key is enabled/)
    expect(await failure(client.servers.get(GROUP, 'arm-late'))).toBe('404 ResourceNotFound')
  })
})
