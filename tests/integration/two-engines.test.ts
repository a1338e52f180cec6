import { spawn } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { openContext } from '@/server/clock/service'
import type { Engine } from '@/server/engine'
import { startEngine } from '@/server/engine'
import { SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { createCustody, loadMasterKey } from '@/server/kernel/custody'
import { createDb } from '@/server/kernel/db'
import { createServer } from '@/server/postgres/service'
import { createWiring } from '@/server/wiring'
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
function engineThatDiesAfter(step: string): Promise<NodeJS.Signals | null> {
  const script = new URL('../support/engine-that-dies.ts', import.meta.url).pathname
  const args = ['--import', 'tsx', script, JSON.stringify({ ...config, engineId: 'engine-lost' }), step, 'after']
  const child = spawn(process.execPath, args, { stdio: 'ignore' })
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
