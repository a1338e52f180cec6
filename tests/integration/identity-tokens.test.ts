import { decodeJwt } from 'jose'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import {
  checkClientSecret,
  createManagedIdentity,
  createResourceGroup,
  createServicePrincipal,
  createTenant,
  createUser,
  deleteManagedIdentity,
  findPrincipal,
  findPrincipalByAppId,
  findTenant,
  issueToken,
  resetClientSecret,
  signingKeys,
  verifyToken,
} from '@/server/identity/service'
import { createCustody } from '@/server/kernel/custody'
import { custody, later, START, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../support/tenant'

const { service, db, databaseUrl, as } = await testTenant()
const env = { db, custody }
const VAULT = 'https://vault.azure.net'
const OTHER_TENANT = '10000000-0000-4000-8000-000000000002'
await createTenant(env, { id: OTHER_TENANT, name: 'Other', domain: 'other.example', startAt: START, rate: 0 })
const app = await createServicePrincipal(service, { displayName: 'automation' })
const request = { tenantId: TENANT_ID, principal: app.principal, audience: VAULT, now: START, lifetimeSeconds: 3600 }
const token = await issueToken(env, request)
const verify = (text: string, options: Partial<Parameters<typeof verifyToken>[2]> = {}) =>
  verifyToken(env, text, { audiences: [VAULT], now: START, tenantId: TENANT_ID, ...options })

describe('a client secret', () => {
  it('opens its application, and no other text does', async () => {
    expect(await checkClientSecret(service, app.appId, app.secret)).toBe(true)
    expect(await checkClientSecret(service, app.appId, 'wrong')).toBe(false)
    expect(await checkClientSecret(service, SUBSCRIPTION_ID, app.secret)).toBe(false)
    expect(await checkClientSecret(service, 'no guid', app.secret)).toBe(false)
  })

  it('stops working when it is replaced', async () => {
    const other = await createServicePrincipal(service, { displayName: 'other' })
    const fresh = await resetClientSecret(service, other.appId)
    expect(await checkClientSecret(service, other.appId, other.secret)).toBe(false)
    expect(await checkClientSecret(service, other.appId, fresh)).toBe(true)
  })

  it('and the signing keys lie nowhere in the database in the clear', async () => {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    )
    let everything = ''
    for (const { name } of rows) {
      const dump = await client.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`)
      everything += dump.rows.map((r) => r.row).join('\n')
    }
    await client.end()
    expect(everything).toContain(app.appId)
    expect(everything).not.toContain(app.secret)
    expect(everything).not.toContain('PRIVATE KEY')
    expect(everything).not.toContain(Buffer.from('PRIVATE KEY').toString('hex'))
  })
})

describe('a token', () => {
  it('has the claims of an application', async () => {
    const seconds = START.getTime() / 1000
    expect(decodeJwt(token)).toMatchObject({
      aud: VAULT,
      iss: `https://sts.windows.net/${TENANT_ID}/`,
      tid: TENANT_ID,
      oid: app.principal.objectId,
      sub: app.principal.objectId,
      appid: app.appId,
      appidacr: '1',
      idtyp: 'app',
      ver: '1.0',
      iat: seconds,
      nbf: seconds,
      exp: seconds + 3600,
    })
  })

  it('has the claims of a person and of a managed identity', async () => {
    const user = await createUser(service, { displayName: 'Dana', upn: 'dana@contoso.example' })
    const forUser = decodeJwt(await issueToken(env, { ...request, principal: user }))
    expect(forUser).toMatchObject({ idtyp: 'user', upn: 'dana@contoso.example', name: 'Dana' })
    expect(forUser).not.toHaveProperty('appid')
    const place = { subscriptionId: SUBSCRIPTION_ID, location: 'westeurope' }
    await createResourceGroup(service, { ...place, name: 'rg' })
    const identity = await createManagedIdentity(service, { ...place, resourceGroup: 'rg', name: 'id-token' })
    const principal = (await findPrincipal(service, identity.principalId))!
    const forIdentity = await issueToken(env, { ...request, principal })
    expect(decodeJwt(forIdentity)).toMatchObject({ xms_mirid: identity.id, appid: identity.clientId, appidacr: '2' })
    expect(await verify(forIdentity)).toEqual(principal)
  })

  it('is verified to its principal as it is now', async () => {
    expect(await verify(token)).toEqual(await findPrincipal(service, app.principal.objectId))
    expect((await findPrincipalByAppId(service, app.appId))?.objectId).toBe(app.principal.objectId)
  })

  it('expires by the clock of the tenant', async () => {
    expect(await verify(token, { now: later(service, 3599).now })).toBeDefined()
    await expect(verify(token, { now: later(service, 3600).now })).rejects.toMatchObject({
      code: 'InvalidAuthenticationToken',
      vendorCode: 'ExpiredAuthenticationToken',
    })
  })

  it('is refused for another audience', async () => {
    await expect(verify(token, { audiences: ['https://management.azure.com'] })).rejects.toThrow('wrong audience')
  })

  it('is refused in another tenant, also with the claims rewritten', async () => {
    await expect(verify(token, { tenantId: OTHER_TENANT })).rejects.toMatchObject({
      vendorCode: 'InvalidAuthenticationTokenTenant',
    })
    const [header, , signature] = token.split('.')
    const claims = Buffer.from(JSON.stringify({ ...decodeJwt(token), tid: OTHER_TENANT })).toString('base64url')
    await expect(verify([header, claims, signature].join('.'), { tenantId: OTHER_TENANT })).rejects.toThrow(
      'not signed',
    )
  })

  it.each(['', 'a', 'a.b.c', 'e30.e30.e30', token.slice(0, -8)])(
    'is refused when it is none: "%.12s"',
    async (text) => {
      await expect(verify(text)).rejects.toMatchObject({ code: 'InvalidAuthenticationToken' })
    },
  )

  it('of a deleted managed identity is refused at once', async () => {
    const place = { subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'rg', location: 'westeurope' }
    const identity = await createManagedIdentity(service, { ...place, name: 'id-short' })
    const principal = (await findPrincipal(service, identity.principalId))!
    const held = await issueToken(env, { ...request, principal })
    await deleteManagedIdentity(service, identity.id)
    await expect(verify(held)).rejects.toThrow('no longer exists')
  })

  it('cannot be issued under another master key', async () => {
    const stranger = createCustody(Buffer.alloc(32, 8))
    await expect(issueToken({ db, custody: stranger }, request)).rejects.toMatchObject({ code: 'EnvelopeCorrupt' })
  })

  it('key is published without its private part', async () => {
    const { keys } = await signingKeys(db, TENANT_ID)
    expect(keys).toHaveLength(1)
    expect(Object.keys(keys[0]!).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use', 'x5t'])
  })
})

describe('a tenant', () => {
  it('is found by id and by domain', async () => {
    expect((await findTenant(db, TENANT_ID))?.domain).toBe('contoso.example')
    expect((await findTenant(db, 'Contoso.Example'))?.id).toBe(TENANT_ID)
    expect(await findTenant(db, 'contoso_example')).toBeNull()
  })

  it('is filled by the service alone', async () => {
    await expect(createUser(as(app.principal), { displayName: 'x', upn: 'x' })).rejects.toMatchObject({
      code: 'AuthorizationFailed',
    })
    await expect(createServicePrincipal(as(app.principal), { displayName: 'x' })).rejects.toMatchObject({
      code: 'AuthorizationFailed',
    })
  })
})
