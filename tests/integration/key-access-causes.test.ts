import { beforeAll, describe, expect, test } from 'vitest'
import { deleteManagedIdentity, restoreManagedIdentity } from '@/server/identity/service'
import { deleteVault, purgeVault } from '@/server/keyvault/service'
import { deleteManagedHsm, purgeManagedHsm } from '@/server/managed-hsm/service'
import type { KeyAccessCause } from '@/server/postgres/model'
import { keyScenes, type Scene, STORES, type Store } from '../support/key-scene'
import { testWorld } from '../support/world'

const HOUR = 3600
const DAY_MS = 86_400_000
const world = await testWorld()
const act = keyScenes(world, 'cause')
const { deleteStore, grant, inTime, keysOf, makeStore, makeVersion, patch, recoverStore, switchTo } = act

/** Purging by hand takes a store without purge protection, and servers want it on: it goes when they are there. */
async function unprotect(s: Scene): Promise<void> {
  const { db } = world.engine
  const change = { where: { id: s.storeId }, data: { purgeProtection: false } }
  await (s.store === 'managed HSM' ? db.managedHsm.update(change) : db.vault.update(change))
}

async function purgeKey(s: Scene): Promise<void> {
  await unprotect(s)
  const keys = await keysOf(s)
  backups.set(s.n, await keys.backup(s.key.name))
  await keys.remove(s.key.name)
  await keys.purge(s.key.name)
}

async function purgeStore(s: Scene): Promise<void> {
  await unprotect(s)
  const ctx = await world.ctx()
  backups.set(s.n, await (await keysOf(s)).backup(s.key.name))
  if (s.store === 'managed HSM') {
    await deleteManagedHsm(ctx, s.storeId)
    await purgeManagedHsm(ctx, s.storeId)
  } else {
    await deleteVault(ctx, s.storeId)
    await purgeVault(ctx, s.storeId)
  }
}

const backups = new Map<number, Buffer>()
const restoreKey = async (s: Scene) => (await keysOf(s)).restore(backups.get(s.n)!)
async function makeStoreAnew(s: Scene): Promise<void> {
  await makeStore(s.store, s.storeName)
  await grant(s)
}

type Loss = {
  cause: KeyAccessCause | Partial<Record<Store, KeyAccessCause>>
  /** What the evidence must name, beside key, version, store and identity. */
  evidence: string[] | Record<Store, string[]>
  /** Key stores in which it can happen; all by default. */
  in?: Store[]
  lose(s: Scene): Promise<unknown>
  /** Sounds right and must not heal. */
  inVain?: Record<string, (s: Scene) => Promise<unknown>>
  causeInVain?: KeyAccessCause
  waysOut: Record<string, (s: Scene) => Promise<unknown>>
}

const LOSSES: Record<string, Loss> = {
  'the key version is disabled': {
    cause: 'KeyDisabled',
    evidence: ['enabled', 'changedBy', 'changedAt'],
    lose: (s) => patch(s, { enabled: false }),
    inVain: {
      'extending its expiry': async (s) => patch(s, { expires: await inTime(90 * DAY_MS) }),
      'making a newer version': makeVersion,
    },
    waysOut: { 'enabling it': (s) => patch(s, { enabled: true }) },
  },
  'the key is deleted': {
    cause: 'KeyDeleted',
    evidence: ['deletedAt', 'recoverableUntil', 'changedBy'],
    lose: async (s) => (await keysOf(s)).remove(s.key.name),
    waysOut: { 'recovering it': async (s) => (await keysOf(s)).recover(s.key.name) },
  },
  'the key is purged': {
    cause: 'KeyPurged',
    evidence: ['changedBy'],
    lose: purgeKey,
    inVain: {
      'making a new key of its name': makeVersion,
    },
    causeInVain: 'KeyVersionMissing',
    waysOut: {
      'restoring it from its backup': async (s) => {
        const keys = await keysOf(s)
        await keys.remove(s.key.name)
        await keys.purge(s.key.name)
        await restoreKey(s)
      },
    },
  },
  'the key version expires': {
    cause: 'KeyExpired',
    evidence: ['expires', 'changedBy'],
    lose: async (s) => patch(s, { expires: await inTime(1000) }),
    inVain: { 'making a newer version': makeVersion },
    waysOut: { 'extending its expiry': async (s) => patch(s, { expires: await inTime(90 * DAY_MS) }) },
  },
  'the key version is not active yet': {
    cause: 'KeyNotYetValid',
    evidence: ['activeFrom'],
    lose: async (s) => patch(s, { notBefore: await inTime(9 * DAY_MS) }),
    waysOut: { 'moving its activation date': (s) => patch(s, { notBefore: null }) },
  },
  'the key may not unwrap any more': {
    cause: 'OperationNotPermitted',
    evidence: ['permittedOperations'],
    lose: (s) => patch(s, { keyOps: ['sign', 'verify'] }),
    waysOut: { 'permitting it': (s) => patch(s, { keyOps: ['wrapKey', 'unwrapKey'] }) },
  },
  'the identity loses its rights': {
    cause: {
      'vault with RBAC': 'RoleRemoved',
      'managed HSM': 'RoleRemoved',
      'vault with policies': 'PolicyRevoked',
    },
    evidence: {
      'vault with RBAC': ['role', 'scope', 'changedBy', 'changedAt'],
      'vault with policies': ['missingPermissions', 'changedBy', 'changedAt'],
      'managed HSM': ['role', 'lastRoleRemovalBy', 'lastRoleRemovalAt'],
    },
    lose: act.revoke,
    waysOut: { 'giving them back': (s) => grant(s), 'switching to an identity that has them': act.switchToAnother },
  },
  'only the right to unwrap is revoked': {
    cause: 'PolicyRevoked',
    evidence: ['missingPermissions', 'changedBy'],
    in: ['vault with policies'],
    lose: (s) => act.setPolicy(s, ['get', 'list', 'wrapKey']),
    waysOut: { 'giving it back': (s) => grant(s) },
  },
  'the firewall shuts trusted services out': {
    cause: 'FirewallBlocked',
    evidence: ['rule', 'changedBy'],
    lose: (s) => act.wall(s, { bypass: 'None' }),
    waysOut: { 'letting them bypass it': (s) => act.wall(s, { bypass: 'AzureServices' }) },
  },
  'public access is off and trusted services are shut out': {
    cause: 'FirewallBlocked',
    evidence: ['rule'],
    lose: (s) => act.wall(s, { publicNetworkAccess: false, bypass: 'None' }),
    waysOut: { 'letting them bypass it': (s) => act.wall(s, { bypass: 'AzureServices' }) },
  },
  'the key store is deleted': {
    cause: 'VaultDeleted',
    evidence: ['deletedAt', 'recoverableUntil', 'changedBy'],
    lose: deleteStore,
    waysOut: {
      // An HSM keeps its local roles and a vault its policies; the role assignments on a vault are gone.
      'recovering it and giving roles back': async (s) => {
        await recoverStore(s)
        if (s.store === 'vault with RBAC') await grant(s)
      },
    },
  },
  'the vault is deleted and recovered without its roles': {
    cause: 'VaultDeleted',
    evidence: ['deletedAt'],
    in: ['vault with RBAC'],
    lose: deleteStore,
    inVain: { 'recovering it alone': recoverStore },
    causeInVain: 'RoleRemoved',
    waysOut: { 'giving the role back': (s) => grant(s), 'switching to an identity that has it': act.switchToAnother },
  },
  'the vault is purged': {
    cause: 'VaultPurged',
    evidence: ['keyStoreType'],
    in: ['vault with RBAC', 'vault with policies'],
    lose: purgeStore,
    inVain: { 'making it anew with the rights': makeStoreAnew },
    causeInVain: 'KeyPurged',
    waysOut: {
      'restoring the key into the new one': restoreKey,
    },
  },
  'the HSM is purged': {
    cause: 'VaultPurged',
    evidence: ['keyStoreType'],
    in: ['managed HSM'],
    lose: purgeStore,
    inVain: { 'making it anew with the rights': makeStoreAnew },
    // Its security domain is a new one, which opens no backup of the old: nothing mends it.
    causeInVain: 'KeyPurged',
    waysOut: {},
  },
  'the identity is deleted': {
    cause: 'IdentityDeleted',
    evidence: ['changedBy', 'changedAt'],
    lose: async (s) => deleteManagedIdentity(await world.ctx(), s.identity.id),
    waysOut: {
      'restoring it': async (s) => restoreManagedIdentity(await world.ctx(), s.identity.principalId),
      'switching to another': act.switchToAnother,
    },
  },
  'the identity is made anew under its name': {
    cause: 'IdentityDeleted',
    evidence: ['changedBy'],
    lose: async (s) => deleteManagedIdentity(await world.ctx(), s.identity.id),
    inVain: { 'making it anew with the role': act.makeIdentityAnew },
    causeInVain: 'IdentityReplaced',
    waysOut: { 'switching the server to it': (s) => switchTo(s, s.identity.id) },
  },
}

type Case = { name: string; loss: Loss; wayOut: string | null; store: Store; pinned: boolean }
/** Every loss in every key store it can happen in, pinned and version-less, with each way out. */
const CASES: Case[] = Object.entries(LOSSES).flatMap(([what, loss]) =>
  (loss.in ?? STORES).flatMap((store) =>
    [true, false].flatMap((pinned) => {
      const ways = Object.keys(loss.waysOut)
      return (ways.length ? ways : [null]).map((wayOut) => ({
        name: `${what}; ${store}, ${pinned ? 'pinned' : 'version-less'}; ${wayOut ?? 'no way out'}`,
        ...{ loss, wayOut, store, pinned },
      }))
    }),
  ),
)

/** Scenes of losses that touch the whole store have one of their own; the others share. */
const WHOLE_STORE = /firewall|public access|(store|vault) is deleted|purged/
const stores = new Map<string, Promise<string>>()

function storeFor({ name, store }: Case, n: number): Promise<string> {
  const own = WHOLE_STORE.test(name) ? `-${n}` : ''
  const storeName = `${{ 'vault with RBAC': 'cause-rbac', 'vault with policies': 'cause-pol', 'managed HSM': 'cause-hsm' }[store]}${own}`
  const made = stores.get(storeName) ?? makeStore(store, storeName)
  stores.set(storeName, made)
  return made
}

const makeScene = async (c: Case, n: number): Promise<Scene> =>
  act.makeScene({ n, store: c.store, storeId: await storeFor(c, n), pinned: c.pinned })

type Sight = Awaited<ReturnType<typeof world.server>>
const seen: { scene: Scene; lost: Sight; inVain: Sight; healed: Sight }[] = []

/** One world for all: everything is lost, then an hour passes; the same for what is in vain, and for what heals. */
beforeAll(async () => {
  const scenes: Scene[] = []
  for (let i = 0; i < CASES.length; i += 6)
    scenes.push(...(await Promise.all(CASES.slice(i, i + 6).map((c, k) => makeScene(c, i + k)))))
  const look = async () => {
    const sights: Sight[] = []
    for (const scene of scenes) sights.push(await world.server(scene.server))
    return sights
  }
  for (const [i, c] of CASES.entries()) await c.loss.lose(scenes[i]!)
  await world.advance(HOUR)
  const lost = await look()
  for (const [i, c] of CASES.entries()) for (const tried of Object.values(c.loss.inVain ?? {})) await tried(scenes[i]!)
  await world.advance(HOUR)
  const inVain = await look()
  for (const [i, c] of CASES.entries()) if (c.wayOut) await c.loss.waysOut[c.wayOut]!(scenes[i]!)
  await world.advance(HOUR)
  const healed = await look()
  seen.push(...scenes.map((scene, i) => ({ scene, lost: lost[i]!, inVain: inVain[i]!, healed: healed[i]! })))
}, 600_000)

describe.each(CASES.map((c, n) => ({ ...c, n })))('when $name', ({ loss, store, wayOut, n }) => {
  test('the server is Inaccessible within 60 minutes, named with its evidence, and Ready within 60 minutes of the way out alone', () => {
    const { scene, lost, inVain, healed } = seen[n]!
    const cause = typeof loss.cause === 'string' ? loss.cause : loss.cause[store]
    expect(lost).toMatchObject({
      state: 'Inaccessible',
      encryption: {
        keyAccess: { accessible: false, cause, message: expect.stringContaining(scene.server) },
        primary: { status: 'Invalid' },
      },
    })
    const verdict = lost.encryption.keyAccess!
    if (verdict.accessible) throw new Error('it was to be broken')
    expect(verdict.evidence).toMatchObject({
      keyStore: scene.storeName,
      key: scene.key.name,
      version: scene.key.version,
      identity: scene.identity.id,
      principalId: scene.identity.principalId,
      check: expect.any(String),
    })
    expect(Object.keys(verdict.evidence)).toEqual(
      expect.arrayContaining(Array.isArray(loss.evidence) ? loss.evidence : loss.evidence[store]),
    )
    expect(lost.activity.some((a) => a.level === 'Critical')).toBe(true)
    expect(inVain.state).toBe('Inaccessible')
    expect(inVain.encryption.keyAccess).toMatchObject({ cause: loss.causeInVain ?? cause })
    if (!wayOut) return expect(healed.state).toBe('Inaccessible')
    expect(healed).toMatchObject({ state: 'Ready', encryption: { keyAccess: { accessible: true } } })
    expect(healed.history.map((h) => h.to)).toContain('Inaccessible')
  })
})
