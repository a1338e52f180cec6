import { PostgreSQLManagementFlexibleServerClient } from '@azure/arm-postgresql-flexible'
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline'
import { beforeAll, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createServicePrincipal, issueToken } from '@/server/identity/service'
import { handleArm } from '@/server/surfaces/arm/handler'
import { START, SUBSCRIPTION_ID, TENANT_ID } from '../../support/tenant'
import { GROUP, serviceManaged, testWorld } from '../../support/world'

const NAME = 'arm-kept'
const world = await testWorld({ databases: true })
const { wiring } = world.engine

const httpClient: HttpClient = {
  async sendRequest(request) {
    const body = typeof request.body === 'string' ? request.body : undefined
    const headers = Object.fromEntries(request.headers)
    const asked = new Request(request.url, { method: request.method, headers, body })
    const answer = await handleArm(asked, { ...wiring.surfaceEnv, caller: { address: '127.0.0.1' } })
    return {
      request,
      status: answer.status,
      headers: createHttpHeaders(Object.fromEntries(answer.headers)),
      bodyAsText: await answer.text(),
    }
  },
}

async function signedIn(roleDefinitionId: string) {
  const ctx = await world.ctx()
  const { principal } = await createServicePrincipal(ctx, { displayName: `app ${roleDefinitionId}` })
  const scope = `/subscriptions/${SUBSCRIPTION_ID}`
  await assignRole(ctx, { scope, roleDefinitionId, principalId: principal.objectId })
  const audience = 'https://management.azure.com'
  const claims = { tenantId: TENANT_ID, principal, now: START, lifetimeSeconds: 86_400, audience }
  const token = await issueToken({ db: ctx.db, custody: wiring.surfaceEnv.custody }, claims)
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
  const settings = { endpoint: 'https://management.localhost:8443', httpClient, retryOptions: { maxRetries: 0 } }
  return new PostgreSQLManagementFlexibleServerClient(credential, SUBSCRIPTION_ID, settings)
}

const { backupsAutomaticAndOnDemand: backups } = await signedIn(ROLE_IDS.owner)
const listed = async () => {
  const found = []
  for await (const backup of backups.listByServer(GROUP, NAME)) found.push(backup)
  return found
}

beforeAll(async () => {
  expect(await world.provision(NAME, serviceManaged)).toMatchObject({ status: 'Succeeded', error: null })
})

it('the SDK takes a backup of a server, reads, lists and deletes it', async () => {
  const taken = await backups.beginCreateAndWait(GROUP, NAME, 'by-sdk')
  expect(taken).toMatchObject({ name: 'by-sdk', backupType: 'Customer On-Demand', source: 'Customer Initiated' })
  expect(await backups.get(GROUP, NAME, 'by-sdk')).toMatchObject({ completedTime: START })
  await world.advance(1800)
  expect((await listed()).map((backup) => backup.source)).toEqual(['Automatic', 'Customer Initiated'])
  await backups.beginDeleteAndWait(GROUP, NAME, 'by-sdk')
  await backups.beginDeleteAndWait(GROUP, NAME, 'by-sdk')
  expect((await listed()).map((backup) => backup.backupType)).toEqual(['Full'])
  await expect(backups.get(GROUP, NAME, 'by-sdk')).rejects.toMatchObject({ statusCode: 404 })
})

it('a reader sees backups and takes none; a name that is taken, or no name, is refused', async () => {
  const { backupsAutomaticAndOnDemand: reading } = await signedIn(ROLE_IDS.reader)
  const [automatic] = await listed()
  expect(await reading.get(GROUP, NAME, automatic!.name!)).toMatchObject({ name: automatic!.name })
  await expect(reading.beginCreateAndWait(GROUP, NAME, 'mine')).rejects.toMatchObject({ statusCode: 403 })
  await expect(backups.beginCreateAndWait(GROUP, NAME, automatic!.name!)).rejects.toMatchObject({ statusCode: 409 })
  await expect(backups.beginCreateAndWait(GROUP, NAME, '-')).rejects.toMatchObject({ statusCode: 400 })
})
