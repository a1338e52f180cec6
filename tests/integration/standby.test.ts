import { expect, test } from 'vitest'
import { listActivity } from '@/server/activity/service'
import { transact } from '@/server/kernel/db'
import { vaultKeys } from '@/server/keyvault/service'
import { resourceHealth } from '@/server/monitor/service'
import { keyAccessSweep, nextSweepAt, sweep } from '@/server/postgres/key-access.sweep'
import type { ServerState, StandbyState } from '@/server/postgres/model'
import { createServer } from '@/server/postgres/service'
import { customerManaged, serverInput, testWorld, VAULT } from '../support/world'

const HOUR = 3600
const world = await testWorld()
const { keyAccess } = world.engine.wiring
const identity = await world.makeIdentity('id-standby')
await world.grant(identity.principalId)
const key = await world.makeKey('standby')

async function create(name: string, mode: 'Disabled' | 'SameZone', { versionless } = key): Promise<void> {
  const input = serverInput(name, customerManaged(identity.id, versionless, true))
  input.basics.highAvailability.mode = mode
  const { operationId } = await createServer(await world.ctx(), keyAccess, input)
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
}
await create('guarded', 'SameZone')

const enable = async (enabled: boolean) => vaultKeys(await world.ctx(), VAULT).update('standby', null, { enabled })

/** The turn of one of the two, at this very instant. */
async function check(member: 'server' | 'standby'): Promise<void> {
  const ctx = await world.ctx()
  const item = { seq: 0n, tenantId: ctx.tenantId, kind: 'key-access-sweep' as const, dueAt: ctx.now, payload: {} }
  await transact(ctx, await keyAccessSweep(keyAccess)(ctx, { ...item, key: `all ${member}s` }))
}

type Expected = {
  state: ServerState
  standby: StandbyState
  ha: StandbyState
  health: 'Available' | 'Degraded'
  /** What the activity log tells of it. */
  news: RegExp | null
}
const calm: Expected = { state: 'Ready', standby: 'Healthy', ha: 'Healthy', health: 'Available', news: null }
const down = { state: 'Inaccessible', ha: 'Degraded' } as const
const refused = /^High availability of guarded is Degraded, its standby was refused: .*disabled/
/** In this order: each begins where the one before it ended. A fallen server is Available until somebody connects. */
const TURNS: [string, boolean, 'server' | 'standby', Expected][] = [
  ['the first check of a standby', true, 'standby', { ...calm, news: null }],
  [
    'a standby that is refused before its server',
    false,
    'standby',
    { state: 'Ready', standby: 'Degraded', ha: 'Degraded', health: 'Degraded', news: refused },
  ],
  [
    'a server that is refused too',
    false,
    'server',
    { ...calm, ...down, standby: 'Degraded', news: /^guarded is Inaccessible/ },
  ],
  [
    'a standby that comes back before its server takes nothing over',
    true,
    'standby',
    { ...calm, ...down, news: /^The standby of guarded is Healthy again/ },
  ],
  ['both back', true, 'server', { ...calm, news: /^guarded is Ready again/ }],
  [
    'a server that is refused before its standby',
    false,
    'server',
    { ...calm, ...down, news: /^guarded is Inaccessible/ },
  ],
  ['a server back whose standby was never refused', true, 'server', { ...calm, news: /^guarded is Ready again/ }],
]

test.each(TURNS)('%s', async (_, enabled, member, expected) => {
  await enable(enabled)
  await world.advance(1)
  const ctx = await world.ctx()
  await check(member)
  const { state, standby, highAvailabilityState, encryption, id } = await world.server('guarded')
  const { current } = await resourceHealth(ctx, id)
  expect({ state, standby: standby!.state, ha: highAvailabilityState, health: current.state }).toEqual({
    ...{ state: expected.state, standby: expected.standby, ha: expected.ha, health: expected.health },
  })
  expect(encryption.members.find((m) => m.member === member)?.checkedAt).toBe(ctx.now.toISOString())
  const told = (await listActivity(ctx, { resourceId: id, limit: 5, scopes: ['/'] })).filter(
    (e) => e.at === ctx.now.toISOString(),
  )
  expect(told.map((e) => e.description)).toEqual(expected.news ? [expect.stringMatching(expected.news)] : [])
})

test('a standby keeps its states, each with the reason', async () => {
  const { standbyHistory } = await world.server('guarded')
  expect(standbyHistory.map((h) => `${h.from} ${h.to}: ${h.title}`)).toEqual([
    'Degraded Healthy: The key can be used again',
    'Healthy Degraded: The key version is disabled',
    'CreatingStandby Healthy: The key can be used',
  ])
})

test('standbys are checked at times of their own, within the hour', async () => {
  const ctx = await world.ctx()
  const [servers, standbys] = [await nextSweepAt(ctx, 'server'), await nextSweepAt(ctx, 'standby')]
  expect(standbys).not.toEqual(servers)
  await enable(false)
  await world.advance(HOUR)
  expect(await world.server('guarded')).toMatchObject({ state: 'Inaccessible', standby: { state: 'Degraded' } })
  await enable(true)
  await world.advance(HOUR)
  expect(await world.server('guarded')).toMatchObject({ state: 'Ready', standby: { state: 'Healthy' } })
})

test('a standby costs no probe where its server is checked, and none where there is no standby', async () => {
  const ctx = await world.ctx()
  const probes = async (member?: 'server' | 'standby') => (await sweep(ctx, keyAccess, { member })).verdicts.length
  expect([await probes(), await probes('server'), await probes('standby')]).toEqual([1, 1, 1])
  await create('alone', 'Disabled')
  await create('elsewhere', 'Disabled', await world.makeKey('unguarded'))
  expect([await probes(), await probes('server'), await probes('standby')]).toEqual([2, 2, 1])
})

test('a damaged envelope degrades its own standby, not its neighbours’, until the turn of the servers', async () => {
  await create('neighbour', 'SameZone')
  const { id } = await world.server('guarded')
  await world.engine.db.envelope.updateMany({ where: { serverId: id }, data: { mac: Buffer.alloc(32) } })
  const states = async () =>
    Promise.all(
      ['guarded', 'neighbour'].map(async (name) => {
        const { state, standby } = await world.server(name)
        return `${state} ${standby!.state}`
      }),
    )
  // Each check opens the envelope of another server of the unit: at some time it is this one's.
  for (let i = 0; i < 30 && (await states())[0] !== 'Ready Degraded'; i++) {
    await world.advance(1)
    await check('standby')
  }
  expect(await states()).toEqual(['Ready Degraded', 'Ready Healthy'])
  await check('server')
  expect(await states()).toEqual(['Inaccessible Degraded', 'Ready Healthy'])
})
