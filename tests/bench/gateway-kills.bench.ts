import { afterAll, expect, test } from 'vitest'
import { gatewayCrashRounds, serverBehindGateway } from '../support/gateway-crash'

const behind = await serverBehindGateway('killed-a-hundred-times')
afterAll(async () => {
  behind.engine.kill('SIGTERM')
  await behind.close()
})

test('a hundred kills of engine, postmaster and backends under load lose no commit that a client was told of', async () => {
  const { kills, confirmed, lost } = await gatewayCrashRounds(behind, 100)
  console.log(`100 kills ${JSON.stringify(kills)}: ${confirmed} confirmed commits, ${lost.length} lost`)
  expect(lost).toEqual([])
}, 1_500_000)
