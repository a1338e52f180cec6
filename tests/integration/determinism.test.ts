import { expect, test } from 'vitest'
import { vaultKeys } from '@/server/keyvault/service'
import { customerManaged, serviceManaged, testWorld, VAULT, type World } from '../support/world'

/** The same steps on a fresh world; ids differ, events may not. */
async function play(world: World): Promise<string[]> {
  const identity = await world.makeIdentity('id-play')
  await world.grant(identity.principalId)
  const key = await world.makeKey('played')
  await world.provision('play-a', customerManaged(identity.id, key.versionless, true))
  await world.provision('play-b', customerManaged(identity.id, key.pinned, false))
  await world.provision('play-c', serviceManaged)
  await vaultKeys(await world.ctx(), VAULT).setRotationPolicy('played', {
    expiryTime: 'P60D',
    rotate: { timeAfterCreate: 'P30D', timeBeforeExpiry: null },
    notifyBeforeExpiry: null,
  })
  await world.advance(5 * 3600)
  await vaultKeys(await world.ctx(), VAULT).update('played', key.version, { enabled: false })
  await world.advance(3600)
  await vaultKeys(await world.ctx(), VAULT).update('played', key.version, { enabled: true })
  await world.advance(2 * 3600)
  const events = await world.engine.db.activityEvent.findMany({ orderBy: { seq: 'asc' } })
  const changes = await world.engine.db.serverStateChange.findMany({ orderBy: { seq: 'asc' } })
  return [
    ...events.map((e) =>
      [e.at.toISOString(), e.operationName, e.status, e.resourceId.split('/').at(-2), e.description].join(' | '),
    ),
    ...changes.map((c) => [c.at.toISOString(), c.serverId.split('/').at(-1), c.from, c.to].join(' | ')),
  ]
}

const first = await testWorld()
const firstEvents = await play(first)
await first.engine.stop()
const second = await testWorld()

test('the same seed and the same steps give the same events at the same instants', async () => {
  expect(await play(second)).toEqual(firstEvents)
  expect(firstEvents.length).toBeGreaterThan(20)
})
