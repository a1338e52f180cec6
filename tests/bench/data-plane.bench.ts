import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { clusterStatus } from '@/server/dataplane/service'
import { monotonicMs } from '@/server/kernel/time'
import { createServer } from '@/server/postgres/service'
import { gatewayClients } from '../support/gateway-client'
import { customerManaged, serverInput, testWorld } from '../support/world'

const NAME = 'measured'
const WAKES = 12
const world = await testWorld({ databases: true })
const clients = gatewayClients(world)
afterAll(() => clients.endAll())

const quantile = (values: number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))]!

/** Memory of a server's processes in bytes, each shared page counted once in all. */
function memoryOf(postmaster: number): number {
  const parent = (pid: string) => {
    try {
      return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1])
    } catch {
      return 0
    }
  }
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const own = pids.filter((pid) => Number(pid) === postmaster || parent(pid) === postmaster)
  const pss = own.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]))
  return pss.reduce((sum, kib) => sum + kib * 1024, 0)
}

test('a sleeping server wakes on the first connection, and takes memory only while it is awake', async () => {
  const identity = await world.makeIdentity('id-measured')
  await world.grant(identity.principalId)
  const key = await world.makeKey('measured')
  const input = serverInput(NAME, customerManaged(identity.id, key.versionless, true))
  input.networking.firewallRules.push({ name: 'loopback', startIp: '127.0.0.1', endIp: '127.0.0.1' })
  const { operationId, serverId } = await createServer(await world.ctx(), world.engine.wiring.keyAccess, input)
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
  const wakes: number[] = []
  const warm: number[] = []
  for (let i = 0; i < WAKES; i++) {
    await world.engine.dataPlane!.stop(serverId)
    expect(clusterStatus(world.config.dataDir, serverId).state).toBe('Asleep')
    for (const times of [wakes, warm]) {
      const begun = monotonicMs()
      await clients.ask(NAME, 'SELECT 1')
      times.push(monotonicMs() - begun)
    }
  }
  const status = clusterStatus(world.config.dataDir, serverId)
  const client = await clients.connect(NAME)
  const bytes = status.state === 'Awake' ? memoryOf(status.pid) : 0
  await client.end()
  const ms = (values: number[]) =>
    `median ${quantile(values, 0.5).toFixed(0)} ms, worst ${quantile(values, 1).toFixed(0)} ms`
  console.log(`connect to first row: asleep ${ms(wakes)}; awake ${ms(warm)} (${WAKES} times)`)
  console.log(`memory: asleep 0 processes; awake with one session ${(bytes / 2 ** 20).toFixed(1)} MiB (PSS)`)
}, 300_000)
