import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline'
import { afterAll, describe, expect, test } from 'vitest'
import { protectServer, rewrapServer, withDek } from '@/server/encryption/service'
import { vaultKeys } from '@/server/keyvault/service'
import { AGENDA_TITLES } from '@/server/monitor/model'
import { caFile } from '@/server/surfaces/certificates'
import { startSurfaces } from '@/server/surfaces/host'
import { createWiring } from '@/server/wiring'
import { localAgent } from '../support/key-stores'
import { testWorld, VAULT } from '../support/world'

const world = await testWorld()
const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-https-'))
const surfaces = await startSurfaces({
  env: world.engine.wiring.surfaceEnv,
  port: 0,
  dataDir,
  agendaTitles: AGENDA_TITLES,
})
afterAll(async () => {
  await surfaces.close()
  rmSync(dataDir, { recursive: true, force: true })
})

/** Real sockets and TLS to our own surface; only the names are resolved here, since no resolver knows them. */
function httpsTransport(): HttpClient {
  const agent = localAgent(readFileSync(caFile(dataDir), 'utf8'))
  afterAll(() => agent.destroy())
  const client = createDefaultHttpClient()
  return {
    sendRequest(request) {
      const url = new URL(request.url)
      url.port = String(surfaces.port)
      request.url = url.href
      request.agent = agent
      return client.sendRequest(request)
    },
  }
}

const { engine } = world
const transports = {
  'in process': engine.wiring,
  'over HTTPS': createWiring({
    db: engine.db,
    custody: engine.wiring.surfaceEnv.custody,
    config: world.config,
    transport: httpsTransport(),
  }),
}

describe.each(Object.entries(transports))('a data key wrapped %s', (name, wiring) => {
  const slug = name.replace(/\W/g, '-')
  const target = { serverId: `/servers/${slug}`, role: 'primary' as const }

  test('opens again, survives a rotation by being wrapped anew, and is refused once its key is disabled', async () => {
    const identity = await world.makeIdentity(`id-${slug}`)
    await world.grant(identity.principalId)
    const key = await world.makeKey(`cmk-${slug}`)
    const ctx = await world.ctx()
    const wrapper = await wiring.keyAccess.wrapperFor(ctx, {
      identityId: identity.id,
      principalId: identity.principalId,
    })

    const envelope = await protectServer(ctx, { ...target, keyUri: key.versionless }, wrapper)
    expect(envelope.kid).toContain(key.version)
    expect(envelope.wrappedDek).toHaveLength(256)
    const dek = await withDek(ctx, target, wrapper, (d) => d.toString('hex'))

    const { version } = await vaultKeys(ctx, VAULT).rotate(`cmk-${slug}`)
    const next = await rewrapServer(ctx, { ...target, keyUri: key.versionless }, wrapper, wrapper)
    expect(next).toMatchObject({ sequence: 2, kid: expect.stringContaining(version) })
    expect(await withDek(ctx, target, wrapper, (d) => d.toString('hex'))).toBe(dek)

    await vaultKeys(ctx, VAULT).update(`cmk-${slug}`, version, { enabled: false })
    await expect(withDek(ctx, target, wrapper, () => 'opened')).rejects.toMatchObject({ code: 'KeyDisabled' })
  })

  test('is zeroed in memory when its use ends, also when the use fails', async () => {
    const identity = await world.makeIdentity(`id-zero-${slug}`)
    await world.grant(identity.principalId)
    const key = await world.makeKey(`zero-${slug}`)
    const ctx = await world.ctx()
    const wrapper = await wiring.keyAccess.wrapperFor(ctx, { identityId: identity.id, principalId: null })
    const other = { serverId: `/servers/zero-${slug}`, role: 'primary' as const }
    await protectServer(ctx, { ...other, keyUri: key.pinned }, wrapper)
    const seen: Buffer[] = []
    await withDek(ctx, other, wrapper, (d) => seen.push(d))
    await expect(
      withDek(ctx, other, wrapper, (d) => {
        seen.push(d)
        throw new Error('the use failed')
      }),
    ).rejects.toThrow('the use failed')
    expect(seen.map((d) => d.every((byte) => byte === 0))).toEqual([true, true])
  })
})

test('validity dates are judged by the virtual clock, not by the machine’s: a key active since an hour of it wraps', async () => {
  const identity = await world.makeIdentity('id-dates')
  await world.grant(identity.principalId)
  const key = await world.makeKey('dated')
  const ctx = await world.ctx()
  const anHourAgo = new Date(ctx.now.getTime() - 3_600_000)
  await vaultKeys(ctx, VAULT).update('dated', null, { notBefore: anHourAgo })
  const wrapper = await engine.wiring.keyAccess.wrapperFor(ctx, { identityId: identity.id, principalId: null })
  const target = { serverId: '/servers/dated', role: 'primary' as const }
  // The tests' clock stands years ahead of the machine's.
  await protectServer(ctx, { ...target, keyUri: key.pinned }, wrapper)
  expect(await withDek(ctx, target, wrapper, (dek) => dek.length)).toBe(32)
  await vaultKeys(ctx, VAULT).update('dated', null, { notBefore: new Date(ctx.now.getTime() + 3_600_000) })
  await expect(wrapper.wrapKey(key.pinned, Buffer.alloc(32))).rejects.toMatchObject({ code: 'KeyNotYetValid' })
})

test('an identity without a role is refused in the vault’s own words, and the refusal is in its audit log', async () => {
  const stranger = await world.makeIdentity('id-stranger')
  const key = await world.makeKey('forbidden')
  const ctx = await world.ctx()
  const wrapper = await engine.wiring.keyAccess.wrapperFor(ctx, { identityId: stranger.id, principalId: null })
  await expect(wrapper.describeKey(key.pinned)).rejects.toMatchObject({
    code: 'ForbiddenByRbac',
    publicMessage: expect.stringContaining("Action: 'Microsoft.KeyVault/vaults/keys/read'"),
  })
  const denied = await engine.db.auditEvent.findMany({ where: { httpStatusCode: 403, operationName: 'KeyGet' } })
  expect(denied.some((e) => JSON.stringify(e.identity).includes(stranger.principalId))).toBe(true)
})
