import { generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  createManagedIdentity,
  deleteManagedIdentity,
  listRoleAssignments,
  removeRoleAssignment,
  restoreManagedIdentity,
  updateTenantSettings,
} from '@/server/identity/service'
import { deleteVault, recoverVault, setAccessPolicy, updateVault, vaultKeys } from '@/server/keyvault/service'
import { HSM_ROLES } from '@/server/managed-hsm/model'
import {
  activateManagedHsm,
  assignHsmRole,
  createManagedHsm,
  deleteManagedHsm,
  hsmKeys,
  listHsmRoleAssignments,
  recoverManagedHsm,
  removeHsmRoleAssignment,
  updateManagedHsm,
} from '@/server/managed-hsm/service'
import type { KeyAccessCause } from '@/server/postgres/model'
import { updateEncryption } from '@/server/postgres/service'
import { hsmInput } from '../support/key-stores'
import { SUBSCRIPTION_ID } from '../support/tenant'
import { customerManaged, GROUP, LOCATION, makeVault, testWorld, vaultIdOf } from '../support/world'

const HOUR = 3600
const DAY_MS = 86_400_000
const world = await testWorld()

type Store = 'vault with RBAC' | 'vault with policies' | 'managed HSM'
type Scene = {
  n: number
  store: Store
  storeName: string
  storeId: string
  pinned: boolean
  key: { versionless: string; pinned: string; version: string; name: string }
  identity: { id: string; principalId: string }
  server: string
}
const STORES: Store[] = ['vault with RBAC', 'vault with policies', 'managed HSM']
const ALL_KEYS = ['get', 'list', 'wrapKey', 'unwrapKey']
const HSM_ROLE = HSM_ROLES.find((r) => r.name === 'Managed HSM Crypto Service Encryption User')!.id

const keysOf = async (s: Scene) => (s.store === 'managed HSM' ? hsmKeys : vaultKeys)(await world.ctx(), s.storeId)
const patch = async (s: Scene, change: Parameters<Awaited<ReturnType<typeof keysOf>>['update']>[2]) =>
  (await keysOf(s)).update(s.key.name, s.key.version, change)
const inTime = async (ms: number) => new Date((await world.ctx()).now.getTime() + ms)
const rotate = async (s: Scene) => (await keysOf(s)).rotate(s.key.name)

async function grant(s: Scene, principalId = s.identity.principalId): Promise<void> {
  const ctx = await world.ctx()
  if (s.store === 'vault with RBAC') await world.grant(principalId, s.storeId)
  else if (s.store === 'managed HSM')
    await assignHsmRole(ctx, s.storeId, { scope: '/keys', roleDefinitionId: HSM_ROLE, principalId })
  else await setAccessPolicy(ctx, s.storeId, { objectId: principalId, keys: ALL_KEYS })
}

async function revoke(s: Scene): Promise<void> {
  const ctx = await world.ctx()
  const mine = (a: { principalId: string }) => a.principalId === s.identity.principalId
  if (s.store === 'vault with RBAC') {
    const given = (await listRoleAssignments(ctx, s.storeId, { inherited: false })).find(mine)!
    await removeRoleAssignment(ctx, given.id)
  } else if (s.store === 'managed HSM') {
    const given = (await listHsmRoleAssignments(ctx, s.storeId)).find(mine)!
    await removeHsmRoleAssignment(ctx, s.storeId, given.id)
  } else await setAccessPolicy(ctx, s.storeId, { objectId: s.identity.principalId, keys: [] })
}

const wall = async (s: Scene, change: { publicNetworkAccess?: boolean; bypass: 'None' | 'AzureServices' }) =>
  (s.store === 'managed HSM' ? updateManagedHsm : updateVault)(await world.ctx(), s.storeId, {
    publicNetworkAccess: change.publicNetworkAccess,
    networkAcls: { defaultAction: 'Deny', bypass: change.bypass, ipRules: [] },
  })

/** The identity made anew under the same name, with all the rights that the former had. */
async function anew(s: Scene): Promise<{ id: string; principalId: string }> {
  const name = s.identity.id.split('/').at(-1)!
  const place = { subscriptionId: SUBSCRIPTION_ID, resourceGroup: GROUP, name, location: LOCATION }
  const made = await createManagedIdentity(await world.ctx(), place)
  await grant(s, made.principalId)
  return made
}

async function switchTo(s: Scene, identityId: string): Promise<void> {
  const { id } = await world.server(s.server)
  const { pinned, versionless } = s.key
  const primary = { identityId, keyUri: s.pinned ? pinned : versionless, autoUpdate: !s.pinned }
  const change = { serverId: id, primary, geo: null }
  const { operationId } = await updateEncryption(await world.ctx(), world.engine.wiring.keyAccess, change)
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
}

async function switchToAnother(s: Scene): Promise<void> {
  const other = await world.makeIdentity(`id-other-${s.n}`)
  await grant(s, other.principalId)
  await switchTo(s, other.id)
}

type Loss = {
  cause: KeyAccessCause | Partial<Record<Store, KeyAccessCause>>
  /** What the evidence must name, beside key, version, store and identity. */
  evidence: string[]
  /** Key stores in which it can happen; all by default. */
  in?: Store[]
  /** Only with version-less keys: what differs is not the version. */
  versionlessOnly?: boolean
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
    },
    waysOut: { 'enabling it': (s) => patch(s, { enabled: true }) },
  },
  'the key is deleted': {
    cause: 'KeyDeleted',
    evidence: ['deletedAt', 'recoverableUntil', 'changedBy'],
    lose: async (s) => (await keysOf(s)).remove(s.key.name),
    waysOut: { 'recovering it': async (s) => (await keysOf(s)).recover(s.key.name) },
  },
  'the key version expires': {
    cause: 'KeyExpired',
    evidence: ['expires', 'changedBy'],
    lose: async (s) => patch(s, { expires: await inTime(1000) }),
    inVain: {
      'making a newer version': async (s) => {
        if (s.store !== 'managed HSM') await rotate(s)
      },
    },
    waysOut: { 'extending its expiry': async (s) => patch(s, { expires: await inTime(90 * DAY_MS) }) },
  },
  'the key version is not active yet': {
    cause: 'KeyNotYetValid',
    evidence: ['activeFrom'],
    versionlessOnly: true,
    lose: async (s) => patch(s, { notBefore: await inTime(9 * DAY_MS) }),
    waysOut: { 'moving its activation date': (s) => patch(s, { notBefore: null }) },
  },
  'the key may not unwrap any more': {
    cause: 'OperationNotPermitted',
    evidence: ['permittedOperations'],
    versionlessOnly: true,
    lose: (s) => patch(s, { keyOps: ['sign', 'verify'] }),
    waysOut: { 'permitting it': (s) => patch(s, { keyOps: ['wrapKey', 'unwrapKey'] }) },
  },
  'the identity loses its rights': {
    cause: {
      'vault with RBAC': 'RoleRemoved',
      'managed HSM': 'RoleRemoved',
      'vault with policies': 'PolicyRevoked',
    },
    evidence: [],
    lose: revoke,
    waysOut: { 'giving them back': (s) => grant(s), 'switching to an identity that has them': switchToAnother },
  },
  'only the right to unwrap is revoked': {
    cause: 'PolicyRevoked',
    evidence: ['missingPermissions', 'changedBy'],
    in: ['vault with policies'],
    versionlessOnly: true,
    lose: async (s) =>
      setAccessPolicy(await world.ctx(), s.storeId, {
        objectId: s.identity.principalId,
        keys: ['get', 'list', 'wrapKey'],
      }),
    waysOut: { 'giving it back': (s) => grant(s) },
  },
  'the firewall shuts trusted services out': {
    cause: 'FirewallBlocked',
    evidence: ['rule', 'changedBy'],
    versionlessOnly: true,
    lose: (s) => wall(s, { bypass: 'None' }),
    waysOut: { 'letting them bypass it': (s) => wall(s, { bypass: 'AzureServices' }) },
  },
  'public access is off and trusted services are shut out': {
    cause: 'FirewallBlocked',
    evidence: ['rule'],
    in: ['vault with RBAC'],
    versionlessOnly: true,
    lose: (s) => wall(s, { publicNetworkAccess: false, bypass: 'None' }),
    waysOut: { 'letting them bypass it': (s) => wall(s, { bypass: 'AzureServices' }) },
  },
  'the key store is deleted': {
    cause: 'VaultDeleted',
    evidence: ['deletedAt', 'recoverableUntil', 'changedBy'],
    versionlessOnly: true,
    lose: async (s) => (s.store === 'managed HSM' ? deleteManagedHsm : deleteVault)(await world.ctx(), s.storeId),
    waysOut: {
      'recovering it and giving roles back': async (s) => {
        await (s.store === 'managed HSM' ? recoverManagedHsm : recoverVault)(await world.ctx(), s.storeId)
        if (s.store === 'vault with RBAC') await grant(s)
      },
    },
  },
  'the vault is deleted and recovered without its roles': {
    cause: 'VaultDeleted',
    evidence: ['deletedAt'],
    in: ['vault with RBAC'],
    versionlessOnly: true,
    lose: async (s) => deleteVault(await world.ctx(), s.storeId),
    inVain: { 'recovering it alone': async (s) => recoverVault(await world.ctx(), s.storeId) },
    causeInVain: 'RoleRemoved',
    waysOut: { 'giving the role back': (s) => grant(s) },
  },
  'the identity is deleted': {
    cause: 'IdentityDeleted',
    evidence: ['changedBy', 'changedAt'],
    versionlessOnly: true,
    lose: async (s) => deleteManagedIdentity(await world.ctx(), s.identity.id),
    waysOut: {
      'restoring it': async (s) => restoreManagedIdentity(await world.ctx(), s.identity.principalId),
      'switching to another': switchToAnother,
    },
  },
  'the identity is made anew under its name': {
    cause: 'IdentityDeleted',
    evidence: [],
    in: ['vault with RBAC'],
    versionlessOnly: true,
    lose: async (s) => deleteManagedIdentity(await world.ctx(), s.identity.id),
    inVain: { 'making it anew with the role': anew },
    causeInVain: 'IdentityReplaced',
    waysOut: { 'switching the server to it': (s) => switchTo(s, s.identity.id) },
  },
}

type Case = { name: string; loss: Loss; wayOut: string; store: Store; pinned: boolean }
/** Every loss in every key store it can happen in; pinned and version-less in turn, each way out at least once. */
const CASES: Case[] = Object.entries(LOSSES).flatMap(([what, loss], nth) =>
  (loss.in ?? STORES).flatMap((store, at) => {
    const pinned = !loss.versionlessOnly && (nth + at) % 2 === 1
    const ways = Object.keys(loss.waysOut)
    return (at === 0 ? ways : [ways[at % ways.length]!]).map((wayOut) => ({
      name: `${what}; ${store}, ${pinned ? 'pinned' : 'version-less'}; ${wayOut}`,
      ...{ loss, wayOut, store, pinned },
    }))
  }),
)

const publicKeys = Array.from({ length: 3 }, () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'spki' }).toString(),
)

/** Scenes of losses that touch the whole store have one of their own; the others share. */
const WHOLE_STORE = /firewall|public access|store is deleted|vault is deleted/
const stores = new Map<string, Promise<string>>()

function storeFor({ name, store }: Case, n: number): Promise<string> {
  const own = WHOLE_STORE.test(name) ? `-${n}` : ''
  const storeName = `${{ 'vault with RBAC': 'cause-rbac', 'vault with policies': 'cause-pol', 'managed HSM': 'cause-hsm' }[store]}${own}`
  const made = stores.get(storeName) ?? makeStore(store, storeName)
  stores.set(storeName, made)
  return made
}

async function makeStore(store: Store, name: string): Promise<string> {
  const ctx = await world.ctx()
  if (store !== 'managed HSM') {
    await makeVault(ctx, name, LOCATION, { rbac: store === 'vault with RBAC' })
    return vaultIdOf(name)
  }
  const input = { ...hsmInput(name, []), resourceGroup: GROUP, location: LOCATION, purgeProtection: true }
  const { id } = await createManagedHsm(ctx, {
    ...input,
    adminObjectIds: [(await world.makeIdentity(`adm-${name}`)).principalId],
  })
  await activateManagedHsm(ctx, id, { publicKeys, quorum: 2 })
  return id
}

async function makeScene(c: Case, n: number): Promise<Scene> {
  const storeId = await storeFor(c, n)
  const storeName = storeId.split('/').at(-1)!
  const identity = await world.makeIdentity(`id-cause-${n}`)
  const name = `cmk-${n}`
  const hsm = c.store === 'managed HSM'
  const { version } = await (hsm ? hsmKeys : vaultKeys)(await world.ctx(), storeId).create({
    name,
    kty: hsm ? 'RSA-HSM' : 'RSA',
    keySize: 2048,
  })
  const versionless = `https://${storeName}.${hsm ? 'managedhsm' : 'vault'}.localhost/keys/${name}`
  const key = { versionless, pinned: `${versionless}/${version}`, version, name }
  const scene = { n, storeId, storeName, identity, key, store: c.store, pinned: c.pinned, server: `cause-${n}` }
  await grant(scene)
  const encryption = customerManaged(identity.id, c.pinned ? key.pinned : versionless, !c.pinned)
  expect(await world.provision(scene.server, encryption)).toMatchObject({ status: 'Succeeded' })
  return scene
}

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
  for (const [i, c] of CASES.entries()) await c.loss.waysOut[c.wayOut]!(scenes[i]!)
  await world.advance(HOUR)
  const healed = await look()
  seen.push(...scenes.map((scene, i) => ({ scene, lost: lost[i]!, inVain: inVain[i]!, healed: healed[i]! })))
}, 600_000)

describe.each(CASES.map((c, n) => ({ ...c, n })))('when $name', ({ loss, store, n }) => {
  test('the server is Inaccessible within 60 minutes, named with its evidence, and Ready within 60 minutes of the way out', () => {
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
    expect(Object.keys(verdict.evidence)).toEqual(expect.arrayContaining(loss.evidence))
    expect(lost.activity.some((a) => a.level === 'Critical')).toBe(true)
    expect(inVain.state).toBe('Inaccessible')
    expect(inVain.encryption.keyAccess).toMatchObject({ cause: loss.causeInVain ?? cause })
    expect(healed).toMatchObject({ state: 'Ready', encryption: { keyAccess: { accessible: true } } })
    expect(healed.history.map((h) => h.to)).toContain('Inaccessible')
  })
})

test('a role works on until its removal has taken effect, and a new one only from then on, named while it is awaited', async () => {
  const { scene } = seen[CASES.findIndex((c) => c.store === 'vault with RBAC' && /enabling it/.test(c.name))]!
  await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: HOUR })
  await revoke(scene)
  await world.advance(HOUR - 60)
  expect((await world.server(scene.server)).state).toBe('Ready')
  await world.advance(HOUR)
  expect(await world.server(scene.server)).toMatchObject({
    state: 'Inaccessible',
    encryption: { keyAccess: { cause: 'RoleRemoved' } },
  })
  await grant(scene)
  await world.advance(HOUR - 60)
  expect((await world.server(scene.server)).encryption.keyAccess).toMatchObject({
    cause: 'RolePropagating',
    evidence: { takesEffectAt: expect.any(String) },
  })
  await world.advance(HOUR)
  expect((await world.server(scene.server)).state).toBe('Ready')
  await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: 0 })
})
