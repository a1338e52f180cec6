import { expect, test } from 'vitest'
import { listRoleAssignments, removeRoleAssignment, updateTenantSettings } from '@/server/identity/service'
import { vaultKeys } from '@/server/keyvault/service'
import { updateEncryption } from '@/server/postgres/service'
import { customerManaged, LOCATION, makeVault, testWorld, vaultIdOf } from '../support/world'

const HOUR = 3600
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
