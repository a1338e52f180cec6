import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PostgreSQLManagementFlexibleServerClient } from '@azure/arm-postgresql-flexible'
import { createHttpHeaders, type HttpClient, RestError } from '@azure/core-rest-pipeline'
import pg from 'pg'
import { expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createServicePrincipal, issueToken } from '@/server/identity/service'
import { handleArm } from '@/server/surfaces/arm/handler'
import { START, SUBSCRIPTION_ID, TENANT_ID } from '../../support/tenant'
import { GROUP, PASSWORD, serviceManaged, testWorld } from '../../support/world'

const world = await testWorld({ databases: true })
const ctx = await world.ctx()
const env = { ...world.engine.wiring.surfaceEnv, caller: { address: '127.0.0.1' } }

const httpClient: HttpClient = {
  async sendRequest(request) {
    const body = typeof request.body === 'string' ? request.body : undefined
    const headers = Object.fromEntries(request.headers)
    const answer = await handleArm(new Request(request.url, { method: request.method, headers, body }), env)
    const given = createHttpHeaders(Object.fromEntries(answer.headers))
    return { request, status: answer.status, headers: given, bodyAsText: await answer.text() }
  },
}
const { principal } = await createServicePrincipal(ctx, { displayName: 'app' })
const scope = `/subscriptions/${SUBSCRIPTION_ID}`
await assignRole(ctx, { scope, roleDefinitionId: ROLE_IDS.owner, principalId: principal.objectId })
const audience = 'https://management.azure.com'
const token = await issueToken(env, { tenantId: TENANT_ID, principal, audience, now: START, lifetimeSeconds: 86_400 })
const credential = { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
const { configurations, databases, firewallRules, servers } = new PostgreSQLManagementFlexibleServerClient(
  credential,
  SUBSCRIPTION_ID,
  {
    ...{ endpoint: 'https://management.localhost:8443', httpClient },
    retryOptions: { maxRetries: 0 },
  },
)
const NAME = 'arm-databases'
expect(await world.provision(NAME, serviceManaged)).toMatchObject({ status: 'Succeeded' })

const names = async () => {
  const found: unknown[] = []
  for await (const { name } of databases.listByServer(GROUP, NAME)) found.push(name)
  return found
}
const failure = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => 'no error',
    (error) => (error instanceof RestError ? `${error.statusCode} ${error.code}` : Promise.reject(error)),
  )

it('the unmodified client creates a database, its administrator writes into it, and the client deletes it', async () => {
  await firewallRules.beginCreateOrUpdateAndWait(GROUP, NAME, 'me', {
    startIpAddress: '127.0.0.1',
    endIpAddress: '127.0.0.1',
  })
  const before = await names()
  const made = await databases.beginCreateAndWait(GROUP, NAME, 'shop', { charset: 'UTF8', collation: 'en_US.utf8' })
  expect(made).toMatchObject({ name: 'shop', charset: 'UTF8', collation: 'C.UTF-8' })
  await databases.beginCreateAndWait(GROUP, NAME, 'shop', {})
  expect(await names()).toEqual([...before, 'shop'].sort())
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port: world.engine.postgresPort!, user: 'testadmin', password: PASSWORD, database: 'shop' },
    ssl: {
      ca: readFileSync(join(world.config.dataDir, 'ca.pem'), 'utf8'),
      servername: `${NAME}.postgres.localhost`,
    },
  })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('CREATE TABLE orders (id int)')
  await databases.beginDeleteAndWait(GROUP, NAME, 'shop')
  await databases.beginDeleteAndWait(GROUP, NAME, 'shop')
  expect(await names()).toEqual(before)
  await client.end().catch(() => undefined)
}, 120_000)

it('a name that breaks the rules, the service’s own databases and another charset are refused', async () => {
  expect(await failure(databases.beginCreateAndWait(GROUP, NAME, '9to5', {}))).toBe('400 InvalidParameterValue')
  expect(await failure(databases.beginCreateAndWait(GROUP, NAME, 'latin', { charset: 'LATIN1' }))).toBe(
    '400 InvalidParameterValue',
  )
  expect(await failure(databases.beginDeleteAndWait(GROUP, NAME, 'azure_sys'))).toBe('409 Conflict')
  expect(await failure(databases.get(GROUP, NAME, 'none'))).toBe('404 ResourceNotFound')
}, 120_000)

it('the unmodified client reads, sets and resets server parameters, static ones until a restart, and is told the engine’s own refusal', async () => {
  const all = new Map<string, object>()
  for await (const parameter of configurations.listByServer(GROUP, NAME)) all.set(parameter.name!, parameter)
  expect(all.get('work_mem')).toMatchObject({
    type: 'Microsoft.DBforPostgreSQL/flexibleServers/configurations',
    ...{ value: '4096', defaultValue: '4096', dataType: 'Integer', allowedValues: '64-2147483647', unit: 'kB' },
    ...{ source: 'system-default', isDynamicConfig: true, isReadOnly: false, isConfigPendingRestart: false },
  })
  expect(all.get('fsync')).toMatchObject({ value: 'on', isReadOnly: true, allowedValues: 'on,off' })
  const set = (name: string, value: string) =>
    configurations.beginUpdateAndWait(GROUP, NAME, name, { value, source: 'user-override' })
  expect(await set('work_mem', '8192')).toMatchObject({ value: '8192', source: 'user-override' })
  expect(await configurations.beginPutAndWait(GROUP, NAME, 'max_connections', { value: '99' })).toMatchObject({
    ...{ value: '99', isDynamicConfig: false, isConfigPendingRestart: true },
  })
  expect(await configurations.get(GROUP, NAME, 'max_connections')).toMatchObject({ isConfigPendingRestart: true })
  const reset = { source: 'system-default' }
  expect(await configurations.beginUpdateAndWait(GROUP, NAME, 'work_mem', reset)).toMatchObject({
    ...{ value: '4096', source: 'system-default' },
  })
  expect(await failure(set('timezone', 'Mars/Base'))).toBe('400 InvalidParameterValue')
  expect(await failure(set('work_mem', '1'))).toBe('400 InvalidParameterValue')
  expect(await failure(set('fsync', 'off'))).toBe('400 InvalidParameterValue')
  expect(await failure(configurations.beginUpdateAndWait(GROUP, NAME, 'work_mem', {}))).toBe(
    '400 InvalidParameterValue',
  )
  expect(await failure(configurations.get(GROUP, NAME, 'no_such_thing'))).toBe('404 ResourceNotFound')
}, 120_000)

it('the unmodified client gives the administrator another password, which the engine then asks for', async () => {
  const login = (password: string) => {
    const client = new pg.Client({
      ...{ host: '127.0.0.1', port: world.engine.postgresPort!, user: 'testadmin', password, database: 'postgres' },
      ssl: { ca: readFileSync(join(world.config.dataDir, 'ca.pem'), 'utf8'), servername: `${NAME}.postgres.localhost` },
    })
    client.on('error', () => undefined)
    return client.connect().then(
      () => client.end().then(() => 'in'),
      ({ code }: { code: string }) => code,
    )
  }
  await servers.beginUpdateAndWait(GROUP, NAME, { administratorLoginPassword: 'Better-horse-8' } as never)
  expect([await login(PASSWORD), await login('Better-horse-8')]).toEqual(['28P01', 'in'])
}, 120_000)
