import { afterAll, expect, test } from 'vitest'
import { gatewayCrashRounds, serverBehindGateway } from '../support/gateway-crash'

const behind = await serverBehindGateway('killed-under-load')
afterAll(async () => {
  behind.engine.kill('SIGTERM')
  await behind.close()
})

test('ten kills of engine, postmaster and backends at random moments under load lose no commit that a client was told of', async () => {
  const { kills, confirmed, lost } = await gatewayCrashRounds(behind, 10)
  expect(lost).toEqual([])
  expect(kills).toEqual({ engine: 4, postmaster: 3, backend: 3 })
  expect(confirmed).toBeGreaterThan(150)
}, 300_000)
