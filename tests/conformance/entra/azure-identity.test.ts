import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
} from '@azure/core-rest-pipeline'
import { AuthenticationRequiredError, ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity'
import { decodeJwt } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { AGENDA_KINDS, type AgendaKind } from '@/server/clock/model'
import { createManagedIdentity, createResourceGroup, createServicePrincipal } from '@/server/identity/service'
import { realNowMs } from '@/server/kernel/time'
import { caFile } from '@/server/surfaces/certificates'
import { startSurfaces } from '@/server/surfaces/host'
import { localAgent, through } from '../../support/key-stores'
import { custody, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

const { db, service } = await testTenant()
const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-https-'))
const agendaTitles = Object.fromEntries(AGENDA_KINDS.map((kind) => [kind, kind])) as Record<AgendaKind, string>
const host = await startSurfaces({ env: { db, custody, httpsPort: 0 }, port: 0, dataDir, agendaTitles })
const agent = localAgent(readFileSync(caFile(dataDir), 'utf8'))
afterAll(async () => {
  agent.destroy()
  await host.close()
  rmSync(dataDir, { recursive: true })
})
const options = { ...through(agent), retryOptions: { maxRetries: 0 } }

const app = await createServicePrincipal(service, { displayName: 'automation' })
const place = { subscriptionId: SUBSCRIPTION_ID, location: 'westeurope' }
await createResourceGroup(service, { ...place, name: 'rg' })
const identity = await createManagedIdentity(service, { ...place, resourceGroup: 'rg', name: 'id-server' })

const signIn = (authorityHost: string, secret = app.secret) =>
  new ClientSecretCredential(TENANT_ID, app.appId, secret, {
    ...options,
    authorityHost,
    disableInstanceDiscovery: true,
  })

describe('the unmodified ClientSecretCredential', () => {
  it.each(['login.localhost', 'localhost'])('signs in over HTTPS at %s', async (name) => {
    const { token, expiresOnTimestamp } = await signIn(`https://${name}:${host.port}`).getToken(
      'https://vault.azure.net/.default',
    )
    expect(decodeJwt(token)).toMatchObject({ aud: 'https://vault.azure.net', appid: app.appId, tid: TENANT_ID })
    // The clock stands in 2030: a client that took its dates for real ones would keep the token for years.
    const left = (expiresOnTimestamp - realNowMs()) / 1000
    expect(left).toBeGreaterThan(3500)
    // MSAL rounds the instant of the answer to the nearest second.
    expect(left).toBeLessThanOrEqual(3601)
  })

  it('takes a wrong secret for what it is', async () => {
    const credential = signIn(`https://login.localhost:${host.port}`, 'wrong')
    const failure = await credential.getToken('https://vault.azure.net/.default').catch((error: Error) => error)
    expect(failure).toBeInstanceOf(AuthenticationRequiredError)
    expect((failure as Error).message).toContain('AADSTS7000215')
  })

  it('gets a new token when the clock has left the old one behind, and its request succeeds', async () => {
    const arm = 'https://management.azure.com/.default'
    const pipeline = createEmptyPipeline()
    pipeline.addPolicy(
      bearerTokenAuthenticationPolicy({ credential: signIn(`https://login.localhost:${host.port}`), scopes: arm }),
    )
    const client = createDefaultHttpClient()
    const seen: string[] = []
    const call = async (url: string) => {
      const request = createPipelineRequest({ url })
      request.agent = agent
      const response = await pipeline.sendRequest(client, request)
      seen.push(request.headers.get('authorization') ?? '')
      return response.status
    }
    const subscriptions = `https://management.localhost:${host.port}/subscriptions?api-version=2022-12-01`
    expect(await call(subscriptions)).toBe(200)
    await db.clock.update({ where: { tenantId: TENANT_ID }, data: { virtualMs: { increment: 2 * 3_600_000 } } })
    expect(await call(subscriptions)).toBe(200)
    expect(seen[1]).not.toBe(seen[0])
  })
})

describe('the unmodified ManagedIdentityCredential', () => {
  process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = `http://localhost:${host.port}`
  afterAll(() => {
    delete process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST
  })

  it.each([
    ['client id', { clientId: identity.clientId }],
    ['object id', { objectId: identity.principalId }],
    ['resource id', { resourceId: identity.id }],
  ])('gets a token for an identity by its %s', async (_what, by) => {
    const credential = new ManagedIdentityCredential({ ...by, retryOptions: { maxRetries: 0 } })
    const { token, expiresOnTimestamp } = await credential.getToken('https://vault.azure.net/.default')
    expect(decodeJwt(token)).toMatchObject({ oid: identity.principalId, xms_mirid: identity.id })
    expect((expiresOnTimestamp - realNowMs()) / 1000).toBeGreaterThan(86_000)
  })

  it('gets none for an identity that is not there', async () => {
    const credential = new ManagedIdentityCredential({ clientId: SUBSCRIPTION_ID, retryOptions: { maxRetries: 0 } })
    await expect(credential.getToken('https://vault.azure.net/.default')).rejects.toThrow()
  })
})
