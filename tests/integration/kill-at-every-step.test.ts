import { spawn } from 'node:child_process'
import { beforeAll, expect, test } from 'vitest'
import { openContext } from '@/server/clock/service'
import { listServerEnvelopes } from '@/server/encryption/service'
import type { Engine } from '@/server/engine'
import { startEngine } from '@/server/engine'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { createCustody } from '@/server/kernel/custody'
import { createDb, type PrismaClient } from '@/server/kernel/db'
import { loadMasterKey } from '@/server/kernel/master-key'
import { vaultKeys } from '@/server/keyvault/service'
import { createServer } from '@/server/postgres/service'
import { createWiring } from '@/server/wiring'
import { getOperation } from '@/server/workflow/service'
import {
  customerManaged,
  furnish,
  LOCATION,
  makeTenant,
  serverInput,
  testConfig,
  type World,
  worldOn,
} from '../support/world'

/** Dies at the step, or fails the test when the operation ends without reaching it. */
function runUntilKilled(config: object, step: string, phase: string): Promise<void> {
  const script = new URL('../support/engine-that-dies.ts', import.meta.url).pathname
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(config), step, phase], {
      stdio: 'ignore',
    })
    const timer = setTimeout(() => child.kill('SIGTERM'), 50_000)
    child.once('exit', (_code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') resolve()
      else reject(new Error(`the engine was to die ${phase} ${step} and did not (${signal})`))
    })
  })
}

const config = await testConfig()
let db: PrismaClient
let world: World
let ctx: Ctx

beforeAll(async () => {
  await makeTenant(config)
  db = createDb(config.databaseUrl, 4)
  const custody = createCustody(loadMasterKey(config))
  const wiring = createWiring({ db, custody, config })
  const serviceContext = (tenantId: string) => openContext({ db, custody, tenantId, principal: SERVICE_PRINCIPAL })
  // No engine yet: what is asked for waits for the ones that die.
  world = worldOn({ db, wiring, serviceContext } as unknown as Engine, config)
  await furnish(world)
  ctx = await world.ctx()
  return () => db.$disconnect()
})

const leftovers = async (serverId: string) => ({
  servers: await db.server.count({ where: { id: serverId } }),
  envelopes: await db.envelope.count({ where: { serverId } }),
  firewallRules: await db.firewallRule.count({ where: { serverId } }),
})

test('a creation killed before and after every one of its steps ends Ready, with one data key and nothing twice', async () => {
  const identity = await world.makeIdentity('id-killed')
  await world.grant(identity.principalId)
  const key = await world.makeKey('killed-key')
  const input = serverInput('killed-often', customerManaged(identity.id, key.pinned, false))
  const { operationId, serverId } = await createServer(ctx, world.engine.wiring.keyAccess, input)
  const { steps } = await getOperation(ctx, operationId)
  for (const { name } of steps) {
    await runUntilKilled(config, name, 'before')
    await runUntilKilled(config, name, 'after')
  }
  const engine = await startEngine({ config })
  const operation = await world.untilEnded(operationId)
  await engine.stop()
  expect(operation).toMatchObject({ status: 'Succeeded', error: null })
  expect(operation.steps.every((s) => s.status === 'Succeeded' && s.attempts >= 2)).toBe(true)
  expect((await world.server('killed-often')).state).toBe('Ready')
  expect(await leftovers(serverId)).toEqual({ servers: 1, envelopes: 1, firewallRules: 1 })
  expect(await listServerEnvelopes(ctx, serverId)).toHaveLength(1)
}, 600_000)

test('a creation that fails at its last check and is killed while it is undone leaves nothing, and its name is free', async () => {
  const identity = await world.makeIdentity('id-undone')
  await world.grant(identity.principalId)
  const key = await world.makeKey('undone-key')
  const input = serverInput('undone', customerManaged(identity.id, key.pinned, false))
  const { operationId, serverId } = await createServer(ctx, world.engine.wiring.keyAccess, input)
  await runUntilKilled(config, 'configureNetwork', 'after')
  await vaultKeys(ctx, 'test-kv-neu').update('undone-key', null, { enabled: false })
  for (const step of ['verifyKeyAccess', 'configureNetwork', 'sealAdministrator', 'wrapDek', 'attachIdentities']) {
    await runUntilKilled(config, step, 'undo')
  }
  const engine = await startEngine({ config })
  const operation = await world.untilEnded(operationId)
  await engine.stop()
  expect(operation).toMatchObject({ status: 'Failed', error: { rule: 'enabled' } })
  expect(await leftovers(serverId)).toEqual({ servers: 0, envelopes: 0, firewallRules: 0 })
  expect(input.basics.location).toBe(LOCATION)
}, 600_000)
