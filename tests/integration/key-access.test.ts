import { expect, test } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import {
  createManagedIdentity,
  deleteManagedIdentity,
  listRoleAssignments,
  removeRoleAssignment,
  restoreManagedIdentity,
} from '@/server/identity/service'
import { deleteVault, recoverVault, setAccessPolicy, updateVault, vaultKeys } from '@/server/keyvault/service'
import type { KeyAccessCause } from '@/server/postgres/model'
import { updateEncryption } from '@/server/postgres/service'
import { SUBSCRIPTION_ID } from '../support/tenant'
import { customerManaged, GROUP, LOCATION, makeVault, testWorld, vaultIdOf } from '../support/world'

const HOUR = 3600
const world = await testWorld()

type Scene = {
  vault: string
  key: string
  identity: { id: string; principalId: string }
  server: string
  roleId: string
}
let scenes = 0

/** A Ready server on a key, a vault and an identity of its own. */
async function scene(options: { rbac?: boolean; pinned?: boolean } = {}): Promise<Scene> {
  const n = ++scenes
  const vault = `scene-kv-${n}`
  const ctx = await world.ctx()
  await makeVault(ctx, vault, LOCATION, { rbac: options.rbac ?? true })
  const identity = await world.makeIdentity(`id-scene-${n}`)
  if (options.rbac === false) {
    await setAccessPolicy(ctx, vaultIdOf(vault), {
      objectId: identity.principalId,
      keys: ['get', 'list', 'wrapKey', 'unwrapKey'],
    })
  } else await world.grant(identity.principalId, vaultIdOf(vault))
  const uris = await world.makeKey('cmk', vault)
  const server = `scene-${n}`
  const operation = await world.provision(
    server,
    customerManaged(identity.id, options.pinned ? uris.pinned : uris.versionless, !options.pinned),
  )
  expect(operation).toMatchObject({ status: 'Succeeded' })
  return { vault, key: 'cmk', identity, server, roleId: ROLE_IDS.keyVaultCryptoServiceEncryptionUser }
}

const keys = async (s: Scene) => vaultKeys(await world.ctx(), s.vault)
const assignmentOf = async (s: Scene) =>
  (await listRoleAssignments(await world.ctx(), vaultIdOf(s.vault), { inherited: false })).find(
    (a) => a.principalId === s.identity.principalId,
  )!

type Case = {
  cause: KeyAccessCause
  options?: { rbac?: boolean; pinned?: boolean }
  lose(s: Scene): Promise<unknown>
  giveBack(s: Scene): Promise<unknown>
}

const CASES: Record<string, Case> = {
  'the key is disabled': {
    cause: 'KeyDisabled',
    lose: async (s) => (await keys(s)).update(s.key, null, { enabled: false }),
    giveBack: async (s) => (await keys(s)).update(s.key, null, { enabled: true }),
  },
  'the key is deleted': {
    cause: 'KeyDeleted',
    lose: async (s) => (await keys(s)).remove(s.key),
    giveBack: async (s) => (await keys(s)).recover(s.key),
  },
  'a pinned key version expires': {
    cause: 'KeyExpired',
    options: { pinned: true },
    lose: async (s) =>
      (await keys(s)).update(s.key, null, { expires: new Date((await world.ctx()).now.getTime() + 1000) }),
    giveBack: async (s) =>
      (await keys(s)).update(s.key, null, { expires: new Date((await world.ctx()).now.getTime() + 90 * 86_400_000) }),
  },
  'the activation date is moved into the future': {
    cause: 'KeyNotYetValid',
    lose: async (s) =>
      (await keys(s)).update(s.key, null, { notBefore: new Date((await world.ctx()).now.getTime() + 9 * 86_400_000) }),
    giveBack: async (s) => (await keys(s)).update(s.key, null, { notBefore: null }),
  },
  'wrapping is no longer permitted on the key': {
    cause: 'OperationNotPermitted',
    lose: async (s) => (await keys(s)).update(s.key, null, { keyOps: ['sign', 'verify'] }),
    giveBack: async (s) => (await keys(s)).update(s.key, null, { keyOps: ['wrapKey', 'unwrapKey'] }),
  },
  'the role is removed': {
    cause: 'RoleRemoved',
    lose: async (s) => removeRoleAssignment(await world.ctx(), (await assignmentOf(s)).id),
    giveBack: (s) => world.grant(s.identity.principalId, vaultIdOf(s.vault)),
  },
  'the access policy is revoked': {
    cause: 'PolicyRevoked',
    options: { rbac: false },
    lose: async (s) =>
      setAccessPolicy(await world.ctx(), vaultIdOf(s.vault), { objectId: s.identity.principalId, keys: [] }),
    giveBack: async (s) =>
      setAccessPolicy(await world.ctx(), vaultIdOf(s.vault), {
        objectId: s.identity.principalId,
        keys: ['get', 'list', 'wrapKey', 'unwrapKey'],
      }),
  },
  'the firewall shuts trusted services out': {
    cause: 'FirewallBlocked',
    lose: async (s) =>
      updateVault(await world.ctx(), vaultIdOf(s.vault), {
        networkAcls: { defaultAction: 'Deny', bypass: 'None', ipRules: [] },
      }),
    giveBack: async (s) =>
      updateVault(await world.ctx(), vaultIdOf(s.vault), {
        networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', ipRules: [] },
      }),
  },
  'the identity is deleted': {
    cause: 'IdentityDeleted',
    lose: async (s) => deleteManagedIdentity(await world.ctx(), s.identity.id),
    giveBack: async (s) => restoreManagedIdentity(await world.ctx(), s.identity.principalId),
  },
  'the vault is deleted': {
    cause: 'VaultDeleted',
    lose: async (s) => deleteVault(await world.ctx(), vaultIdOf(s.vault)),
    giveBack: async (s) => {
      await recoverVault(await world.ctx(), vaultIdOf(s.vault))
      await world.grant(s.identity.principalId, vaultIdOf(s.vault))
    },
  },
}

const stateOf = async (s: Scene) => (await world.server(s.server)).state

test.each(Object.entries(CASES))(
  'when %s the server is Inaccessible within 60 minutes for that cause, and Ready within 60 minutes of its return',
  async (_name, c) => {
    const s = await scene(c.options)
    await c.lose(s)
    await world.advance(HOUR)
    const fallen = await world.server(s.server)
    expect(fallen).toMatchObject({
      state: 'Inaccessible',
      encryption: { keyAccess: { accessible: false, cause: c.cause }, primary: { status: 'Invalid' } },
    })
    expect(fallen.activity.some((a) => a.level === 'Critical')).toBe(true)
    await c.giveBack(s)
    await world.advance(HOUR)
    expect(await world.server(s.server)).toMatchObject({
      state: 'Ready',
      encryption: { keyAccess: { accessible: true } },
    })
  },
)

test('a recovered vault alone does not heal: its role assignments are gone', async () => {
  const s = await scene()
  await deleteVault(await world.ctx(), vaultIdOf(s.vault))
  await world.advance(HOUR)
  await recoverVault(await world.ctx(), vaultIdOf(s.vault))
  await world.advance(HOUR)
  expect(await world.server(s.server)).toMatchObject({
    state: 'Inaccessible',
    encryption: { keyAccess: { cause: 'RoleRemoved' } },
  })
})

test('an identity made anew under the same name does not heal, even with the role; switching the server to it does', async () => {
  const s = await scene()
  await deleteManagedIdentity(await world.ctx(), s.identity.id)
  await world.advance(HOUR)
  const again = await createManagedIdentity(await world.ctx(), {
    subscriptionId: SUBSCRIPTION_ID,
    resourceGroup: GROUP,
    name: s.identity.id.split('/').at(-1)!,
    location: LOCATION,
  })
  await world.grant(again.principalId, vaultIdOf(s.vault))
  await world.advance(HOUR)
  expect(await stateOf(s)).toBe('Inaccessible')
  const primary = { identityId: again.id, keyUri: `https://${s.vault}.vault.localhost/keys/${s.key}`, autoUpdate: true }
  const { id } = await world.server(s.server)
  const { operationId } = await updateEncryption(await world.ctx(), world.engine.wiring.keyAccess, {
    serverId: id,
    primary,
    geo: null,
  })
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
  expect(await stateOf(s)).toBe('Ready')
})

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
  await CASES['a pinned key version expires']!.lose(s)
  await world.advance(HOUR)
  await expect(change()).rejects.toMatchObject({ code: 'ServerIsNotReady' })
  await CASES['a pinned key version expires']!.giveBack(s)
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
