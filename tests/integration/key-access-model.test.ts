import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { currentEnvelope } from '@/server/encryption/service'
import { deleteManagedIdentity, restoreManagedIdentity, updateTenantSettings } from '@/server/identity/service'
import { isAppError } from '@/server/kernel/errors'
import { updateVault } from '@/server/keyvault/service'
import { updateManagedHsm } from '@/server/managed-hsm/service'
import { nextSweepAt } from '@/server/postgres/key-access.sweep'
import { keyScenes, type Scene, type Store } from '../support/key-scene'
import { OPEN } from '../support/key-stores'
import { testWorld } from '../support/world'

const MINUTE_MS = 60_000
const RUNS = Number(process.env.PORTCULLIS_MODEL_RUNS ?? 4)
const world = await testWorld()
const act = keyScenes(world, 'model')

/** What can be broken of a server's way to its key; done once more it is mended. */
type Trouble = { break: (s: Scene, minutes: number) => Promise<unknown>; mend: (s: Scene) => Promise<unknown> }
const TROUBLES = {
  version: {
    break: (s) => act.patch(s, { enabled: false }),
    mend: (s) => act.patch(s, { enabled: true }),
  },
  expiry: {
    break: async (s, minutes) => act.patch(s, { expires: await act.inTime(minutes * MINUTE_MS) }),
    mend: (s) => act.patch(s, { expires: null }),
  },
  activation: {
    break: async (s, minutes) => act.patch(s, { notBefore: await act.inTime(minutes * MINUTE_MS) }),
    mend: (s) => act.patch(s, { notBefore: null }),
  },
  operations: {
    break: (s) => act.patch(s, { keyOps: ['sign', 'verify'] }),
    mend: (s) => act.patch(s, { keyOps: ['wrapKey', 'unwrapKey'] }),
  },
  key: {
    break: async (s) => (await act.keysOf(s)).remove(s.key.name),
    mend: async (s) => (await act.keysOf(s)).recover(s.key.name),
  },
  rights: { break: act.revoke, mend: (s) => act.grant(s) },
  network: {
    break: (s) => act.wall(s, { bypass: 'None' }),
    mend: async (s) =>
      (s.store === 'managed HSM' ? updateManagedHsm : updateVault)(await world.ctx(), s.storeId, { networkAcls: OPEN }),
  },
  store: { break: act.deleteStore, mend: act.recoverStore },
  identity: {
    break: async (s) => deleteManagedIdentity(await world.ctx(), s.identity.id),
    mend: async (s) => restoreManagedIdentity(await world.ctx(), s.identity.principalId),
  },
  'identity of the same name': {
    break: async (s) => {
      await deleteManagedIdentity(await world.ctx(), s.identity.id)
      await act.makeIdentityAnew(s)
    },
    mend: (s) => act.switchTo(s, s.identity.id),
  },
  'other identity': { break: act.switchToAnother, mend: (s) => act.switchTo(s, s.identity.id) },
  'newer version': { break: act.makeVersion, mend: act.makeVersion },
} satisfies Record<string, Trouble>
type What = keyof typeof TROUBLES

const SCENES: { store: Store; pinned: boolean }[] = [
  { store: 'vault with RBAC', pinned: false },
  { store: 'vault with policies', pinned: true },
  { store: 'managed HSM', pinned: false },
]
const whose = fc.nat(SCENES.length - 1)
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('trouble' as const),
      what: fc.constantFrom(...(Object.keys(TROUBLES) as What[])),
      whose,
      minutes: fc.integer({ min: 1, max: 80 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mend all' as const), whose }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

/** What is refused changes nothing, and is no matter of this test. */
const attempt = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error) => (isAppError(error) ? undefined : Promise.reject(error)))

type Run = { scenes: Scene[]; broken: Set<What>[]; deks: Map<string, string> }

/** What a fresh unwrap of the server's envelope by its own identity says, and the service's rule about expiry. */
async function truth(run: Run, s: Scene): Promise<boolean> {
  const ctx = await world.ctx()
  const { encryption, id } = await world.server(s.server)
  const { identityId, principalId } = encryption.primary!
  const { kid, wrappedDek } = await currentEnvelope(ctx, { serverId: id, role: 'primary' })
  try {
    const wrapper = await world.engine.wiring.keyAccess.wrapperFor(ctx, { identityId: identityId!, principalId })
    const { expires, notBefore } = await wrapper.describeKey(kid)
    const dek = await wrapper.unwrapKey(kid, wrappedDek)
    const seen = createHash('sha256').update(dek).digest('hex')
    // Whatever was rotated or switched: the data key is the one that the server was made with.
    expect(seen).toBe(run.deks.get(id) ?? seen)
    run.deks.set(id, seen)
    return (!expires || expires > ctx.now) && (!notBefore || notBefore <= ctx.now)
  } catch (error) {
    if (isAppError(error)) return false
    throw error
  }
}

async function compare(run: Run, when: string): Promise<void> {
  for (const s of run.scenes) {
    const { state, encryption } = await world.server(s.server)
    const told = { server: s.server, when, accessible: encryption.keyAccess?.accessible, state }
    const accessible = await truth(run, s)
    expect(told).toEqual({ server: s.server, when, accessible, state: accessible ? 'Ready' : 'Inaccessible' })
  }
}

/** To the very instant of the next sweep: nothing can happen between its verdict and our own. */
async function untilSweep(): Promise<void> {
  const ctx = await world.ctx()
  const due = (await nextSweepAt(ctx))!
  await world.advance(Math.max(1, Math.ceil((due.getTime() - ctx.now.getTime()) / 1000)))
}

async function step(run: Run, c: Command): Promise<void> {
  if (c.do === 'wait') return world.advance(c.minutes * 60)
  if (c.do === 'sweep') {
    await untilSweep()
    return compare(run, 'after a sweep')
  }
  const s = run.scenes[c.whose]!
  const broken = run.broken[c.whose]!
  if (c.do === 'mend all') {
    // Stores first: nothing in them can be reached before.
    const order = Object.keys(TROUBLES) as What[]
    for (const what of ['store', 'network', 'identity', ...order] as What[])
      if (broken.delete(what)) await attempt(TROUBLES[what].mend(s))
    await attempt(act.grant(s))
    return
  }
  if (broken.delete(c.what)) await attempt(TROUBLES[c.what].mend(s))
  else await attempt(TROUBLES[c.what].break(s, c.minutes).then(() => broken.add(c.what)))
}

let made = 0
const ids: string[] = []
beforeAll(async () => {
  for (const [i, { store }] of SCENES.entries()) ids.push(await act.makeStore(store, `model-store-${i}`))
}, 120_000)

async function begin(): Promise<Run> {
  const scenes: Scene[] = []
  for (const [i, { store, pinned }] of SCENES.entries())
    scenes.push(await act.makeScene({ n: made++, store, storeId: ids[i]!, pinned }))
  return { scenes, broken: scenes.map(() => new Set<What>()), deks: new Map() }
}

/** The stores serve the next run; its servers are others. */
async function end(run: Run): Promise<void> {
  for (const s of run.scenes) {
    await attempt(act.recoverStore(s))
    await attempt(TROUBLES.network.mend(s))
  }
  await world.engine.db.server.deleteMany({ where: { name: { startsWith: 'model-' } } })
}

test('whatever happens to keys, roles, networks and identities, a sweep says what a fresh unwrap by the server’s identity says', async () => {
  const settings = fc.record({
    rolePropagationSeconds: fc.constantFrom(0, 600),
    keyChangeDetection: fc.constantFrom('azure' as const, 'immediate' as const),
  })
  const property = fc.asyncProperty(
    settings,
    fc.array(command, { minLength: 8, maxLength: 20 }),
    async (chosen, commands) => {
      // Servers are made before anybody moves the clock: no role may be waited for meanwhile.
      await updateTenantSettings(await world.ctx(), { ...chosen, rolePropagationSeconds: 0 })
      const run = await begin()
      try {
        await updateTenantSettings(await world.ctx(), chosen)
        for (const c of commands) {
          await step(run, c)
          if (chosen.keyChangeDetection !== 'immediate') continue
          await world.advance(1)
          await compare(run, `at once after ${JSON.stringify(c)}`)
        }
        await untilSweep()
        await compare(run, 'at the end')
      } finally {
        await end(run)
      }
    },
  )
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true })
}, 900_000)
