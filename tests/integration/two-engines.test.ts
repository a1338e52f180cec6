import { type ChildProcess, spawn } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { isAdvanceDone, openContext, requestAdvance } from '@/server/clock/service'
import type { Engine } from '@/server/engine'
import { startEngine } from '@/server/engine'
import { createTenant } from '@/server/identity/service'
import { SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { createCustody } from '@/server/kernel/custody'
import { createDb } from '@/server/kernel/db'
import { loadMasterKey } from '@/server/kernel/master-key'
import { realSleep } from '@/server/kernel/time'
import { ensureSweepPlanned, nextSweepAt } from '@/server/postgres/key-access.sweep'
import { createServer } from '@/server/postgres/service'
import { createWiring } from '@/server/wiring'
import { START, TENANT_ID } from '../support/tenant'
import { customerManaged, furnish, makeTenant, serverInput, testConfig, type World, worldOn } from '../support/world'

const config = await testConfig()
let world: World

beforeAll(async () => {
  await makeTenant(config)
  const db = createDb(config.databaseUrl, 4)
  const custody = createCustody(loadMasterKey(config))
  const wiring = createWiring({ db, custody, config })
  const serviceContext = (tenantId: string) => openContext({ db, custody, tenantId, principal: SERVICE_PRINCIPAL })
  world = worldOn({ db, wiring, serviceContext } as unknown as Engine, config)
  await furnish(world)
  return () => db.$disconnect()
})

/** An engine of its own id in a process of its own, which kills itself once the step is done. */
function spawnEngine(step: string): ChildProcess {
  const script = new URL('../support/engine-that-dies.ts', import.meta.url).pathname
  const args = ['--import', 'tsx', script, JSON.stringify({ ...config, engineId: 'engine-lost' }), step, 'after']
  return spawn(process.execPath, args, { stdio: 'ignore' })
}

function engineThatDiesAfter(step: string): Promise<NodeJS.Signals | null> {
  const child = spawnEngine(step)
  return new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
}

test('what a killed engine had begun another one finishes, and goes on with the sweeps', async () => {
  const identity = await world.makeIdentity('id-taken-over')
  await world.grant(identity.principalId)
  const key = await world.makeKey('taken-over')
  const { operationId } = await createServer(
    await world.ctx(),
    world.engine.wiring.keyAccess,
    serverInput('taken-over', customerManaged(identity.id, key.versionless, true)),
  )
  expect(await engineThatDiesAfter('wrapDek')).toBe('SIGKILL')
  const other = await startEngine({ config: { ...config, engineId: 'engine-other' } })
  try {
    expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
    await world.advance(3600)
    const { state, encryption } = await world.server('taken-over')
    expect(state).toBe('Ready')
    expect(encryption.checkedAt).not.toBe('2030-01-01T00:00:00.000Z')
  } finally {
    await other.stop()
  }
}, 240_000)

const OTHER_TENANT = '10000000-0000-4000-8000-000000000002'

/** By which connection each tenant's agenda is held; undefined while by none. */
async function holders(): Promise<(number | undefined)[]> {
  const { db } = world.engine
  return Promise.all(
    [TENANT_ID, OTHER_TENANT].map(async (tenantId) => {
      const rows = await db.$queryRaw<{ pid: number }[]>`
        SELECT "pid" FROM pg_locks WHERE "locktype" = 'advisory' AND "granted"
          AND ("classid"::bigint << 32) | "objid"::bigint = hashtextextended(${`agenda of ${tenantId}`}, 0)`
      return rows[0]?.pid
    }),
  )
}

async function until(holds: (pids: (number | undefined)[]) => boolean): Promise<void> {
  while (!holds(await holders())) await realSleep(50)
}

test('two engines share the tenants, and a killed one’s share goes on with the other', async () => {
  const { db } = world.engine
  const custody = createCustody(loadMasterKey(config))
  const tenant = { id: OTHER_TENANT, name: 'Fabrikam', domain: 'fabrikam.example', startAt: START, rate: 0 }
  await createTenant({ db, custody }, tenant)
  const ctxOf = (tenantId: string) => openContext({ db, custody, tenantId, principal: SERVICE_PRINCIPAL })
  await ensureSweepPlanned(await ctxOf(OTHER_TENANT))
  const sweptBefore = await nextSweepAt(await ctxOf(OTHER_TENANT))

  const here = await startEngine({ config: { ...config, engineId: 'engine-here' } })
  // Alone it holds both; when another comes each has one.
  await until(([a, b]) => a !== undefined && a === b)
  const there = spawnEngine('no such step')
  try {
    await until(([a, b]) => a !== undefined && b !== undefined && a !== b)
    const dead = new Promise((resolve) => there.once('exit', resolve))
    there.kill('SIGKILL')
    await dead
    await until(([a, b]) => a !== undefined && a === b)
    for (const tenantId of [TENANT_ID, OTHER_TENANT]) {
      const epoch = await requestAdvance(await ctxOf(tenantId), 3600)
      while (!(await isAdvanceDone(db, tenantId, epoch))) await realSleep(20)
    }
    expect((await nextSweepAt(await ctxOf(OTHER_TENANT)))!.getTime()).toBeGreaterThan(sweptBefore!.getTime())
  } finally {
    there.kill('SIGKILL')
    await here.stop()
  }
}, 240_000)
