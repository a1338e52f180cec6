import { expect, test } from 'vitest'
import type { DueItem } from '@/server/clock/model'
import { dueAtOf, unschedule } from '@/server/clock/service'
import type { KeyAccess } from '@/server/encryption/model'
import {
  deleteManagedIdentity,
  listRoleAssignments,
  removeRoleAssignment,
  updateTenantSettings,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { deleteVault, recoverVault, vaultKeys } from '@/server/keyvault/service'
import { expiryHorizon } from '@/server/monitor/service'
import { keyAccessSweep } from '@/server/postgres/key-access.sweep'
import { updateEncryption } from '@/server/postgres/service'
import { customerManaged, LOCATION, makeVault, testWorld, vaultIdOf } from '../support/world'

const HOUR = 3600
const KIND = 'key-access-sweep' as const
const FLEET = 'all servers'
const world = await testWorld()

type Scene = {
  vault: string
  key: string
  identity: { id: string; principalId: string }
  server: string
}
let scenes = 0

/** A Ready server on a key, a vault and an identity of its own. */
async function scene(options: { pinned?: boolean } = {}): Promise<Scene> {
  const n = ++scenes
  const vault = `scene-kv-${n}`
  const ctx = await world.ctx()
  await makeVault(ctx, vault, LOCATION)
  const identity = await world.makeIdentity(`id-scene-${n}`)
  await world.grant(identity.principalId, vaultIdOf(vault))
  const uris = await world.makeKey('cmk', vault)
  const server = `scene-${n}`
  const operation = await world.provision(
    server,
    customerManaged(identity.id, options.pinned ? uris.pinned : uris.versionless, !options.pinned),
  )
  expect(operation).toMatchObject({ status: 'Succeeded' })
  return { vault, key: 'cmk', identity, server }
}

const keys = async (s: Scene) => vaultKeys(await world.ctx(), s.vault)
const expireAt = async (s: Scene, inMs: number) =>
  (await keys(s)).update(s.key, null, { expires: new Date((await world.ctx()).now.getTime() + inMs) })

test('while a key is expired the server cannot be moved to another key; once extended and Ready it can', async () => {
  const s = await scene({ pinned: true })
  const other = await world.makeKey('other', s.vault)
  const { id } = await world.server(s.server)
  const change = async () =>
    updateEncryption(await world.ctx(), world.engine.wiring.keyAccess, {
      serverId: id,
      primary: { identityId: s.identity.id, keyUri: other.pinned, autoUpdate: false },
      geo: null,
    })
  await expireAt(s, 1000)
  await world.advance(HOUR)
  await expect(change()).rejects.toMatchObject({ code: 'ServerIsNotReady' })
  await expireAt(s, 90 * 86_400_000)
  await world.advance(HOUR)
  const { operationId } = await change()
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
  expect((await world.server(s.server)).encryption.primary?.wrappedByKid).toContain(other.version)
})

test('a change to a key that the identity may not use fails and leaves the server as it was', async () => {
  const s = await scene()
  const foreign = await scene()
  const before = await world.server(s.server)
  const { operationId } = await updateEncryption(await world.ctx(), world.engine.wiring.keyAccess, {
    serverId: before.id,
    primary: {
      identityId: s.identity.id,
      keyUri: `https://${foreign.vault}.vault.localhost/keys/cmk`,
      autoUpdate: true,
    },
    geo: null,
  })
  expect(await world.untilEnded(operationId)).toMatchObject({
    status: 'Failed',
    error: { rule: 'identity-permission' },
  })
  const after = await world.server(s.server)
  expect(after.state).toBe('Ready')
  expect(after.encryption.primary).toMatchObject({
    keyUri: before.encryption.primary!.keyUri,
    wrappedByKid: before.encryption.primary!.wrappedByKid,
  })
})

test('many uses of keys at once through one fresh client all keep what they carry', async () => {
  const s = await scene()
  const identity = { identityId: s.identity.id, principalId: s.identity.principalId }
  const wrapper = await world.engine.wiring.keyAccess.wrapperFor(await world.ctx(), identity)
  const { kid } = await wrapper.describeKey(`https://${s.vault}.vault.localhost/keys/${s.key}`)
  const deks = Array.from({ length: 12 }, (_, i) => Buffer.alloc(32, i + 1))
  const wrapped = await Promise.all(deks.map((dek) => wrapper.wrapKey(kid, dek)))
  const opened = await Promise.all(wrapped.map((w) => wrapper.unwrapKey(w.kid, w.wrapped)))
  expect(opened.map((dek) => dek.toString('hex'))).toEqual(deks.map((dek) => dek.toString('hex')))
})

test('a role works on until its removal has taken effect, and a new one only from then on, named while it is awaited', async () => {
  const s = await scene()
  const cause = async () => (await world.server(s.server)).encryption.keyAccess
  await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: HOUR })
  const roles = await listRoleAssignments(await world.ctx(), vaultIdOf(s.vault), { inherited: false })
  await removeRoleAssignment(await world.ctx(), roles.find((a) => a.principalId === s.identity.principalId)!.id)
  await world.advance(HOUR - 60)
  expect((await world.server(s.server)).state).toBe('Ready')
  await world.advance(HOUR)
  expect((await world.server(s.server)).state).toBe('Inaccessible')
  expect(await cause()).toMatchObject({ cause: 'RoleRemoved' })
  await world.grant(s.identity.principalId, vaultIdOf(s.vault))
  await world.advance(HOUR - 60)
  expect(await cause()).toMatchObject({ cause: 'RolePropagating', evidence: { takesEffectAt: expect.any(String) } })
  await world.advance(HOUR)
  expect((await world.server(s.server)).state).toBe('Ready')
  await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: 0 })
})

/** Repoints a pinned server to the newest version of its key. */
async function repoint(s: Scene, version: string): Promise<void> {
  const { id } = await world.server(s.server)
  const keyUri = `https://${s.vault}.vault.localhost/keys/${s.key}/${version}`
  const primary = { identityId: s.identity.id, keyUri, autoUpdate: false }
  const { operationId } = await updateEncryption(await world.ctx(), world.engine.wiring.keyAccess, {
    ...{ serverId: id, primary, geo: null },
  })
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
}

test('after a rotation a pinned server falls with its old version unless it was repointed; then the old one may expire', async () => {
  const [left, moved] = [await scene({ pinned: true }), await scene({ pinned: true })]
  for (const s of [left, moved]) {
    const { version } = await (await keys(s)).rotate(s.key)
    if (s === moved) await repoint(s, version)
    const old = (await (await keys(s)).listVersions(s.key)).find((v) => v.version !== version)!
    const expires = new Date((await world.ctx()).now.getTime() + 1000)
    await (await keys(s)).update(s.key, old.version, { expires })
  }
  await world.advance(HOUR)
  expect((await world.server(moved.server)).state).toBe('Ready')
  const fallen = await world.server(left.server)
  expect(fallen).toMatchObject({
    state: 'Inaccessible',
    encryption: { keyAccess: { cause: 'KeyExpired', evidence: { newestVersion: expect.any(String) } } },
  })
  // What is documented: extend first, wait for Ready, and only then repoint.
  const { version } = await (await keys(left)).get(left.key)
  await expect(repoint(left, version)).rejects.toMatchObject({ code: 'ServerIsNotReady' })
  const old = (await (await keys(left)).listVersions(left.key)).find((v) => v.version !== version)!
  const later = new Date((await world.ctx()).now.getTime() + 90 * 86_400_000)
  await (await keys(left)).update(left.key, old.version, { expires: later })
  await world.advance(HOUR)
  await repoint(left, version)
  expect(await world.server(left.server)).toMatchObject({ state: 'Ready' })
})

const handle = async (keyAccess: KeyAccess, at: Ctx, key: string, payload: object = {}): Promise<void> => {
  const item: DueItem = { seq: 0n, tenantId: at.tenantId, kind: KIND, key, dueAt: at.now, payload }
  await transact(at, await keyAccessSweep(keyAccess)(at, item))
}
const secondsUntil = async (at: Ctx, key: string) =>
  ((await dueAtOf(at, KIND, key))!.getTime() - at.now.getTime()) / 1000

test('a key store that is too busy leaves its servers as they are, and is asked later and later', async () => {
  const s = await scene()
  const refuse = () =>
    Promise.reject(new AppError('Throttled', { publicMessage: 'Too many requests.', retryAfterSeconds: 10 }))
  const wrapper = { describeKey: refuse, wrapKey: refuse, unwrapKey: refuse }
  const busy: KeyAccess = { ...world.engine.wiring.keyAccess, wrapperFor: async () => wrapper }
  const ctx = await world.ctx()
  const key = `busy store ${s.vault}`
  for (const [attempt, least] of [10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800].entries()) {
    await handle(busy, ctx, key, { scope: { storeName: s.vault }, attempt })
    const wait = await secondsUntil(ctx, key)
    // A part of it at random, so that not all stores are asked at one instant.
    expect(wait).toBeGreaterThanOrEqual(least)
    expect(wait).toBeLessThanOrEqual(least * 1.25 + 1)
  }
  expect((await world.server(s.server)).state).toBe('Ready')
  await unschedule(ctx, KIND, key)
})

test('one sweep at the present makes up for all that were missed, and the next ones come at uneven times', async () => {
  const s = await scene()
  const ctx = await world.ctx()
  const waits = new Set<number>()
  for (const hours of [1, 10, 100]) {
    const missed = { ...ctx, now: new Date(ctx.now.getTime() - hours * 3_600_000) }
    await handle(world.engine.wiring.keyAccess, missed, FLEET)
    expect((await world.server(s.server)).encryption.checkedAt).toBe(ctx.now.toISOString())
    expect(await secondsUntil(ctx, FLEET)).toBeGreaterThan(24 * 60)
    expect(await secondsUntil(ctx, FLEET)).toBeLessThanOrEqual(30 * 60)
  }
  for (let i = 0; i < 4; i++) {
    waits.add(await secondsUntil(await world.ctx(), FLEET))
    await world.advance(HOUR / 2)
  }
  expect(waits.size).toBeGreaterThan(1)
})

test('a server is known to be in danger before any check: its key, its store or its identity was deleted', async () => {
  const s = await scene()
  const seen = async () => {
    const { keys: all, withoutIdentity } = await expiryHorizon(await world.ctx())
    return { gone: all.find((k) => k.servers.includes(s.server))?.gone, orphan: withoutIdentity.includes(s.server) }
  }
  expect(await seen()).toEqual({ gone: null, orphan: false })
  await (await keys(s)).remove(s.key)
  expect(await seen()).toEqual({ gone: 'key', orphan: false })
  await (await keys(s)).recover(s.key)
  await deleteVault(await world.ctx(), vaultIdOf(s.vault))
  expect(await seen()).toEqual({ gone: 'store', orphan: false })
  await recoverVault(await world.ctx(), vaultIdOf(s.vault))
  await deleteManagedIdentity(await world.ctx(), s.identity.id)
  expect(await seen()).toEqual({ gone: null, orphan: true })
})
