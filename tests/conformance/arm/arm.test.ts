import { describe, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup, createServicePrincipal, issueToken } from '@/server/identity/service'
import { newId } from '@/server/kernel/ids'
import { handleArm } from '@/server/surfaces/arm/handler'
import { custody, later, START, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

const { db, service } = await testTenant()
const BASE = 'https://management.localhost:8443'
const SUB = `/subscriptions/${SUBSCRIPTION_ID}`
const GROUP = `${SUB}/resourceGroups/rg`
const IDENTITIES = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`
const VAULTS = `${GROUP}/providers/Microsoft.KeyVault/vaults`
const location = 'westeurope'
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location })

async function application(roleId?: string) {
  const { principal } = await createServicePrincipal(service, { displayName: `app ${newId()}` })
  if (roleId) await assignRole(service, { scope: SUB, roleDefinitionId: roleId, principalId: principal.objectId })
  const request = { tenantId: TENANT_ID, principal, audience: 'https://management.azure.com', now: START }
  return { principal, token: await issueToken({ db, custody }, { ...request, lifetimeSeconds: 3600 }) }
}

const owner = await application(ROLE_IDS.owner)
const nobody = await application()

// biome-ignore lint/suspicious/noExplicitAny: answers are read as loosely as clients read them
type Answer = { status: number; headers: Headers; body: any }

async function send(
  method: string,
  path: string,
  options: { body?: unknown; token?: string | null; raw?: string } = {},
): Promise<Answer> {
  const token = options.token === undefined ? owner.token : options.token
  const url = path.includes('?') ? path : `${path}?api-version=2025-01-01`
  const request = new Request(BASE + url, {
    method,
    headers: token ? { authorization: `Bearer ${token}` } : {},
    body: options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
  })
  const response = await handleArm(request, { db, custody, httpsPort: 8443, caller: { address: '127.0.0.1' } })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined }
}

describe('who is asking', () => {
  it('is told where to get a token when there is none', async () => {
    const { status, body, headers } = await send('GET', GROUP, { token: null })
    expect(status).toBe(401)
    expect(body.error.code).toBe('AuthenticationFailed')
    expect(headers.get('www-authenticate')).toMatch(
      new RegExp(`^Bearer authorization_uri="https://login\\.localhost:8443/${TENANT_ID}", error="invalid_token"`),
    )
  })

  it.each(['nonsense', 'a.b.c', `${nobody.token.slice(0, -4)}AAAA`])(
    'is refused with a token that is none',
    async (token) => {
      const { status, body } = await send('GET', '/subscriptions', { token })
      expect([status, body.error.code]).toEqual([401, 'InvalidAuthenticationToken'])
    },
  )

  it('is accepted for every name of this door, and for no vault', async () => {
    const tokenFor = (audience: string, now = START) =>
      issueToken(
        { db, custody },
        { tenantId: TENANT_ID, principal: owner.principal, audience, now, lifetimeSeconds: 60 },
      )
    for (const audience of ['https://management.azure.com/', 'https://management.core.windows.net/', BASE, `${BASE}/`])
      expect((await send('GET', '/subscriptions', { token: await tokenFor(audience) })).status, audience).toBe(200)
    expect((await send('GET', '/subscriptions', { token: await tokenFor('https://vault.azure.net') })).status).toBe(401)
  })

  it('is asked for a fresh token when the clock has left hers behind', async () => {
    const token = await issueToken(
      { db, custody },
      {
        tenantId: TENANT_ID,
        principal: owner.principal,
        audience: BASE,
        now: later(service, -7200).now,
        lifetimeSeconds: 3600,
      },
    )
    const { status, body, headers } = await send('GET', '/subscriptions', { token })
    expect([status, body.error.code]).toEqual([401, 'ExpiredAuthenticationToken'])
    const claims = /error="insufficient_claims", claims="([^"]+)"/.exec(headers.get('www-authenticate')!)?.[1]
    expect(JSON.parse(atob(claims!)).access_token.nbf.value).toBe(String(START.getTime() / 1000))
  })
})

describe('a request', () => {
  it('without api-version is refused', async () => {
    const { status, body } = await send('GET', `${SUB}/resourceGroups?other=1`)
    expect([status, body.error.code]).toEqual([400, 'MissingApiVersionParameter'])
  })

  it.each([
    `//subscriptions/${SUBSCRIPTION_ID}/resourcegroups/RG?api-version=x`,
    `${GROUP}/?api%2Dversion=2021-04-01`,
    `/SUBSCRIPTIONS/${SUBSCRIPTION_ID}//RESOURCEGROUPS/rg?API-VERSION=1`,
    `/${encodeURIComponent(GROUP.slice(1))}?api-version=x`,
  ])('is understood however its path is written: %s', async (path) => {
    const { status, body } = await send('GET', path)
    expect([status, body.name]).toEqual([200, 'rg'])
  })

  it('for a type that is not here gets the answer of an unknown type', async () => {
    const { status, body } = await send('GET', `${GROUP}/providers/Microsoft.Compute/virtualMachines/vm`)
    expect([status, body.error.code]).toEqual([404, 'InvalidResourceType'])
    expect((await send('GET', '/nothing')).body.error.code).toBe('NotFound')
    expect((await send('DELETE', '/subscriptions')).status).toBe(405)
  })

  it('with a body that cannot be read is refused', async () => {
    expect((await send('PUT', `${IDENTITIES}/id-x`, { raw: '{' })).body.error.code).toBe('InvalidRequestContent')
    const { body } = await send('PUT', `${IDENTITIES}/id-x`, { body: { location: 'Atlantis' } })
    expect(body.error.message).toContain("location 'Atlantis' is not available")
  })

  it('carries its correlation id into answer and activity log', async () => {
    const correlationId = newId()
    const request = new Request(`${BASE}${IDENTITIES}/id-correlated?api-version=1`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${owner.token}`, 'x-ms-correlation-request-id': correlationId },
      body: JSON.stringify({ location }),
    })
    const response = await handleArm(request, { db, custody, httpsPort: 8443, caller: { address: '::1' } })
    expect(response.headers.get('x-ms-correlation-request-id')).toBe(correlationId)
    const filter = encodeURIComponent(`correlationId eq '${correlationId}'`)
    const log = await send(
      'GET',
      `${SUB}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=${filter}`,
    )
    expect(log.body.value).toHaveLength(1)
    expect(log.body.value[0]).toMatchObject({
      operationName: { value: 'Microsoft.ManagedIdentity/userAssignedIdentities/write' },
      status: { value: 'Succeeded' },
      resourceGroupName: 'rg',
      correlationId,
    })
  })
})

describe('subscriptions and groups', () => {
  it('are listed to those who have a right in them', async () => {
    const { body } = await send('GET', '/subscriptions')
    expect(body.value).toMatchObject([
      { id: SUB, subscriptionId: SUBSCRIPTION_ID, tenantId: TENANT_ID, state: 'Enabled' },
    ])
    expect((await send('GET', '/subscriptions', { token: nobody.token })).body.value).toEqual([])
    expect((await send('GET', SUB, { token: nobody.token })).body.error.code).toBe('AuthorizationFailed')
    expect((await send('GET', `/subscriptions/${newId()}`)).body.error.code).toBe('SubscriptionNotFound')
    expect((await send('GET', '/tenants')).body.value[0].tenantId).toBe(TENANT_ID)
  })

  it('are created with 201, changed with 200, and looked for with HEAD', async () => {
    const path = `${SUB}/resourcegroups/rg-new`
    expect((await send('HEAD', path)).status).toBe(404)
    const made = await send('PUT', path, { body: { location: 'West Europe', tags: { a: '1' } } })
    expect([made.status, made.body.location, made.body.type]).toEqual([
      201,
      location,
      'Microsoft.Resources/resourceGroups',
    ])
    const changed = await send('PUT', path, { body: { location, tags: { b: '2' } } })
    expect([changed.status, changed.body.tags]).toEqual([200, { b: '2' }])
    expect(await send('HEAD', path)).toMatchObject({ status: 204, body: undefined })
    const moved = await send('PUT', path, { body: { location: 'northeurope' } })
    expect([moved.status, moved.body.error.code]).toEqual([409, 'InvalidResourceGroupLocation'])
    expect((await send('GET', `${SUB}/resourceGroups/none`)).body.error.code).toBe('ResourceGroupNotFound')
  })
})

describe('managed identities', () => {
  it('are created, read, listed, tagged and deleted', async () => {
    const path = `${IDENTITIES}/id-app`
    const made = await send('PUT', path, { body: { location, tags: {} } })
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      id: path,
      type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
      properties: { tenantId: TENANT_ID, principalId: expect.any(String), clientId: expect.any(String) },
    })
    expect((await send('PUT', path, { body: { location } })).status).toBe(200)
    expect((await send('PATCH', path, { body: { tags: { a: 'b' } } })).body.tags).toEqual({ a: 'b' })
    expect((await send('GET', path)).body.properties).toEqual(made.body.properties)
    const inSub = await send('GET', `${SUB}/providers/Microsoft.ManagedIdentity/userAssignedIdentities`)
    expect(inSub.body.value.map((i: { id: string }) => i.id)).toContain(path)
    expect((await send('DELETE', path)).status).toBe(200)
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await send('GET', path)).body.error.code).toBe('ResourceNotFound')
    expect((await send('GET', path.replace('/rg/', '/none/'))).body.error.code).toBe('ResourceGroupNotFound')
  })

  it('are refused without the role, in the words of Azure', async () => {
    const { status, body } = await send('PUT', `${IDENTITIES}/id-no`, { token: nobody.token, body: { location } })
    expect([status, body.error.code]).toEqual([403, 'AuthorizationFailed'])
    expect(body.error.message).toContain(
      `with object id '${nobody.principal.objectId}' does not have authorization to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/write' over scope '${IDENTITIES}/id-no'`,
    )
  })
})

describe('role assignments', () => {
  const definition = (id: string) => `${SUB}/providers/Microsoft.Authorization/roleDefinitions/${id}`
  const at = (scope: string, id: string) => `${scope}/providers/Microsoft.Authorization/roleAssignments/${id}`
  const give = async (roleId: string, scope = GROUP) => {
    const { principal } = await createServicePrincipal(service, { displayName: 'someone' })
    const properties = {
      roleDefinitionId: definition(roleId),
      principalId: principal.objectId,
      principalType: 'ServicePrincipal',
    }
    const path = at(scope, newId())
    return { path, properties, answer: await send('PUT', path, { body: { properties } }) }
  }

  it('are created once, and answer the same again', async () => {
    const { path, properties, answer } = await give(ROLE_IDS.reader)
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({
      id: path,
      type: 'Microsoft.Authorization/roleAssignments',
      properties: { ...properties, scope: GROUP, createdBy: owner.principal.objectId },
    })
    expect((await send('PUT', path, { body: { properties } })).status).toBe(200)
    expect((await send('GET', path)).body).toEqual(answer.body)
    const again = await send('PUT', at(GROUP, newId()), { body: { properties } })
    expect([again.status, again.body.error.code]).toEqual([409, 'RoleAssignmentExists'])
  })

  it('are deleted with their last state, and with 204 when they are gone or lie elsewhere', async () => {
    const { path, answer } = await give(ROLE_IDS.reader)
    expect((await send('DELETE', path.replace('/resourceGroups/rg', ''))).status).toBe(204)
    expect(await send('DELETE', path)).toMatchObject({ status: 200, body: answer.body })
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await send('GET', path)).body.error.code).toBe('RoleAssignmentNotFound')
  })

  it('are listed at a scope and above it, by principal, or below as well', async () => {
    const { path, properties } = await give(ROLE_IDS.keyVaultReader, `${VAULTS}/kv`)
    const ids = async (scope: string, filter = '') => {
      const query = `api-version=2022-04-01${filter && `&$filter=${encodeURIComponent(filter)}`}`
      const { body } = await send('GET', `/${scope}/providers/Microsoft.Authorization/roleAssignments?${query}`)
      return body.value.map((a: { id: string }) => a.id)
    }
    expect(await ids(GROUP)).toContain(path)
    expect(await ids(GROUP, 'atScope()')).not.toContain(path)
    expect(await ids(`${VAULTS}/KV`, 'atScope()')).toContain(path)
    expect(await ids(SUB, `principalId eq '${properties.principalId}'`)).toEqual([path])
    expect(await ids(SUB, `assignedTo('${properties.principalId}')`)).toEqual([path])
  })

  it.each([
    ['an unknown principal', { principalId: newId() }, 400, 'PrincipalNotFound'],
    ['an unknown role', { roleDefinitionId: definition(newId()) }, 400, 'RoleDefinitionDoesNotExist'],
    ['another type of principal', { principalType: 'User' }, 400, 'UnmatchedPrincipalType'],
  ])('are refused for %s', async (_what, wrong, status, code) => {
    const { properties } = await give(ROLE_IDS.reader)
    const { body, ...answer } = await send('PUT', at(GROUP, newId()), {
      body: { properties: { ...properties, ...wrong } },
    })
    expect([answer.status, body.error.code]).toEqual([status, code])
    expect((await send('PUT', at(GROUP, 'no-guid'), { body: { properties } })).body.error.code).toBe(
      'InvalidRoleAssignmentId',
    )
  })

  it('are of roles that one can look up by name and id', async () => {
    const filter = encodeURIComponent("roleName eq 'Key Vault Crypto Service Encryption User'")
    const { body } = await send(
      'GET',
      `${SUB}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=${filter}`,
    )
    expect(body.value).toHaveLength(1)
    expect(body.value[0]).toMatchObject({
      id: definition(ROLE_IDS.keyVaultCryptoServiceEncryptionUser),
      properties: {
        type: 'BuiltInRole',
        permissions: [{ dataActions: expect.arrayContaining(['Microsoft.KeyVault/vaults/keys/wrap/action']) }],
      },
    })
    expect((await send('GET', body.value[0].id)).body).toEqual(body.value[0])
  })
})

describe('vaults', () => {
  const properties = { tenantId: TENANT_ID, sku: { family: 'A', name: 'standard' } }
  const create = (name: string, more: object = {}, version = '2026-02-01') =>
    send('PUT', `${VAULTS}/${name}?api-version=${version}`, {
      body: { location, properties: { ...properties, ...more } },
    })

  it('are created by the defaults of Azure', async () => {
    const { status, body } = await create('kv-one')
    expect(status).toBe(201)
    expect(body).toMatchObject({
      id: `${VAULTS}/kv-one`,
      type: 'Microsoft.KeyVault/vaults',
      properties: {
        vaultUri: 'https://kv-one.vault.localhost:8443/',
        enableRbacAuthorization: true,
        enableSoftDelete: true,
        softDeleteRetentionInDays: 90,
        publicNetworkAccess: 'Enabled',
        networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [] },
        provisioningState: 'Succeeded',
      },
    })
    expect(body.properties).not.toHaveProperty('enablePurgeProtection')
    expect((await create('kv-old', { accessPolicies: [] }, '2022-07-01')).body.properties.enableRbacAuthorization).toBe(
      false,
    )
  })

  it('keep what cannot be changed', async () => {
    await create('kv-fixed', { enablePurgeProtection: true, softDeleteRetentionInDays: 10 })
    for (const change of [
      { enablePurgeProtection: false },
      { softDeleteRetentionInDays: 20 },
      { enableSoftDelete: false },
      { tenantId: newId() },
    ])
      expect((await create('kv-fixed', change)).status, JSON.stringify(change)).toBe(400)
    const patched = await send('PATCH', `${VAULTS}/kv-fixed`, {
      body: { properties: { publicNetworkAccess: 'Disabled' } },
    })
    expect(patched.body.properties).toMatchObject({ publicNetworkAccess: 'Disabled', enablePurgeProtection: true })
  })

  it('take access policies one by one', async () => {
    const path = `${VAULTS}/kv-policies`
    await create('kv-policies', { enableRbacAuthorization: false })
    const change = (how: string, keys: string[]) => {
      const accessPolicies = [{ tenantId: TENANT_ID, objectId: nobody.principal.objectId, permissions: { keys } }]
      return send('PUT', `${path}/accessPolicies/${how}`, { body: { properties: { accessPolicies } } })
    }
    const keysOf = (answer: Answer) =>
      answer.body.properties.accessPolicies.map((p: { permissions: { keys: string[] } }) => p.permissions.keys)
    await change('add', ['get', 'list'])
    expect(keysOf(await change('add', ['wrapKey', 'get']))).toEqual([['get', 'list', 'wrapKey']])
    expect(keysOf(await change('remove', ['list']))).toEqual([['get', 'wrapKey']])
    expect(keysOf(await change('replace', ['unwrapKey']))).toEqual([['unwrapKey']])
    expect(keysOf(await change('remove', ['unwrapKey']))).toEqual([])
    expect((await change('mend', [])).status).toBe(400)
  })

  it('are found by the list of resources, which clients look them up by', async () => {
    await create('kv-listed')
    const filter = encodeURIComponent("resourceType eq 'Microsoft.KeyVault/vaults'")
    const { body } = await send('GET', `${SUB}/resources?api-version=2015-11-01&$filter=${filter}`)
    expect(body.value.map((r: { id: string }) => r.id)).toContain(`${VAULTS}/kv-listed`)
    expect(new Set(body.value.map((r: { type: string }) => r.type))).toEqual(new Set(['Microsoft.KeyVault/vaults']))
  })

  it('are soft-deleted, listed as deleted, recovered and purged', async () => {
    const path = `${VAULTS}/kv-gone`
    const deleted = `${SUB}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/kv-gone`
    await create('kv-gone')
    expect((await send('DELETE', path)).status).toBe(200)
    expect((await send('DELETE', path)).status).toBe(204)
    expect((await send('GET', path)).status).toBe(404)
    expect((await send('GET', deleted)).body.properties).toMatchObject({
      vaultId: path,
      deletionDate: START.toISOString(),
    })
    expect((await create('kv-gone')).body.error.code).toBe('VaultAlreadyExists')
    expect((await create('kv-gone', { createMode: 'recover' })).status).toBe(200)
    await send('DELETE', path)
    expect((await send('POST', `${deleted}/purge`)).status).toBe(200)
    expect((await send('GET', deleted)).body.error.code).toBe('DeletedVaultNotFound')
    expect((await create('kv-gone')).status).toBe(201)
  })

  it('with purge protection are purged by nobody', async () => {
    await create('kv-safe', { enablePurgeProtection: true })
    await send('DELETE', `${VAULTS}/kv-safe`)
    const path = `${SUB}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/kv-safe/purge`
    const { status, body } = await send('POST', path)
    expect([status, body.error.code]).toEqual([405, 'MethodNotAllowed'])
  })
})

describe('the activity log', () => {
  const log = (filter: string, token?: string) =>
    send(
      'GET',
      `${SUB}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01&$filter=${encodeURIComponent(filter)}`,
      { token },
    )

  it('is filtered by time, group and resource', async () => {
    const now = START.toISOString()
    const all = await log(`eventTimestamp ge '${now}' and eventTimestamp le '${now}' and resourceGroupName eq 'RG'`)
    expect(all.body.value.length).toBeGreaterThan(5)
    expect((await log(`eventTimestamp ge '${later(service, 1).now.toISOString()}'`)).body.value).toEqual([])
    const one = await log(`eventTimestamp ge '${now}' and resourceUri eq '${IDENTITIES}/id-app'`)
    expect(one.body.value.length).toBeGreaterThan(0)
    for (const event of one.body.value) expect(event.resourceId).toBe(`${IDENTITIES}/id-app`)
    expect((await log("eventTimestamp ge 'yesterday'")).status).toBe(400)
  })

  it('shows those who may not read it only what they did themselves', async () => {
    const { body } = await log('', nobody.token)
    expect(body.value.length).toBeGreaterThan(0)
    for (const event of body.value) expect(event.status.value).toBe('Failed')
  })
})

describe('the description of the cloud', () => {
  it('is open to everyone, and its login endpoint ends in /adfs', async () => {
    const list = await send('GET', '/metadata/endpoints?api-version=2022-09-01', { token: null })
    expect(list.body).toMatchObject([
      {
        resourceManager: BASE,
        authentication: { loginEndpoint: 'https://login.localhost:8443/adfs', audiences: [BASE] },
        suffixes: { keyVaultDns: 'vault.localhost:8443', mhsmDns: 'managedhsm.localhost:8443' },
      },
    ])
    const old = await send('GET', '//metadata/endpoints?api-version=2015-01-01', { token: null })
    expect(old.body.authentication.loginEndpoint).toMatch(/\/adfs$/)
  })
})
