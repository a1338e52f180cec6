import { beforeAll, expect, test } from 'vitest'
import { READY_MADE } from '@/server/alerts/model/ready-made'
import { evaluateActivityAlerts, listAlerts, saveAlertRule } from '@/server/alerts/service'
import { subscriptionScope } from '@/server/kernel/resource-id'
import { keyScenes, type Scene } from '../support/key-scene'
import { SUBSCRIPTION_ID } from '../support/tenant'
import { GROUP, testWorld } from '../support/world'

const HOUR = 3600
const DAY_MS = 86_400_000
const world = await testWorld()
const act = keyScenes(world, 'ready')
const scopes = [subscriptionScope(SUBSCRIPTION_ID)]

/** Rules by name that are fired, or were, with what they are about. */
async function told(condition: 'Fired' | 'Resolved'): Promise<string[]> {
  await evaluateActivityAlerts(await world.ctx())
  const alerts = (await listAlerts(await world.ctx())).filter((a) => a.condition === condition)
  const about = (a: (typeof alerts)[number]) =>
    a.title.split(' / ')[1] ??
    a.targetId
      .replace(/\/providers\/Microsoft\.Authorization.*/i, '')
      .split('/')
      .at(-1)
  return alerts.map((a) => `${a.ruleName}: ${about(a)}`)
}

async function scene(n: number, store: Scene['store'], name: string, pinned = false): Promise<Scene> {
  return act.makeScene({ n, store, pinned, storeId: await act.makeStore(store, name) })
}
const expireIn = async (s: Scene, days: number) => act.patch(s, { expires: await act.inTime(days * DAY_MS) })

/** One scene for each thing that the rules are for. */
let fired: string[]
let resolved: string[]
beforeAll(async () => {
  for (const rule of READY_MADE)
    await saveAlertRule(await world.ctx(), {
      ...rule,
      ...{ subscriptionId: SUBSCRIPTION_ID, resourceGroup: GROUP, scopes, actionGroupIds: [] },
    })
  const [day, week, hsmMonth] = [
    await scene(1, 'vault with policies', 'ready-day'),
    await scene(2, 'vault with policies', 'ready-week'),
    await scene(3, 'managed HSM', 'ready-hsm'),
  ]
  const ofHsm = { store: 'managed HSM', storeId: hsmMonth.storeId, pinned: false } as const
  const [hsmWeek, hsmDay] = [await act.makeScene({ ...ofHsm, n: 9 }), await act.makeScene({ ...ofHsm, n: 10 })]
  const hsmGone = await scene(11, 'managed HSM', 'ready-hsm-gone')
  const far = await scene(4, 'vault with policies', 'ready-far')
  const gone = await scene(5, 'vault with policies', 'ready-gone')
  const denied = await scene(6, 'vault with RBAC', 'ready-denied')
  const adopts = await scene(7, 'vault with policies', 'ready-adopts')
  const behind = await scene(8, 'vault with policies', 'ready-behind', true)
  for (const s of [day, hsmDay]) await expireIn(s, 1)
  for (const s of [week, hsmWeek]) await expireIn(s, 7)
  await expireIn(hsmMonth, 30)
  await expireIn(far, 60)
  for (const s of [gone, hsmGone]) await act.deleteStore(s)
  await act.revoke(denied)
  await act.makeVersion(adopts)
  await act.makeVersion(behind)
  // Overdue is what stays behind for 24 samples, which are 12 hours while the clock is advanced.
  await world.advance(13 * HOUR)
  fired = await told('Fired')
  for (const s of [day, hsmDay, hsmWeek]) await act.patch(s, { expires: null })
  for (const s of [gone, hsmGone]) await act.recoverStore(s)
  await act.grant(denied)
  await world.advance(3 * HOUR)
  resolved = await told('Resolved')
}, 600_000)

test('each ready-made rule fires for what it is for, and for nothing else', () => {
  expect(fired.sort()).toEqual(
    [
      'Key expires within 1 day: cmk-1',
      'Key expires within 7 days: cmk-1',
      'Key expires within 30 days: cmk-1',
      'Key expires within 7 days: cmk-2',
      'Key expires within 30 days: cmk-2',
      ...['cmk-3', 'cmk-9', 'cmk-10'].map((key) => `HSM key expires within 30 days: ${key}`),
      ...['cmk-9', 'cmk-10'].map((key) => `HSM key expires within 7 days: ${key}`),
      'HSM key expires within 1 day: cmk-10',
      'Key store deleted: ready-gone',
      'Key store deleted: ready-hsm-gone',
      'Server Inaccessible: ready-5',
      'Server Inaccessible: ready-6',
      'Server Inaccessible: ready-11',
      'Key role removed: ready-denied',
      'Key rotation adopted: cmk-7',
      'Key rotation overdue: ready-8',
    ].sort(),
  )
})

test('what has an end resolves by itself when the cause is gone', () => {
  expect(resolved.sort()).toEqual(
    [
      'Key expires within 1 day: cmk-1',
      'Key expires within 7 days: cmk-1',
      'Key expires within 30 days: cmk-1',
      ...['cmk-9', 'cmk-10'].flatMap((key) => [7, 30].map((days) => `HSM key expires within ${days} days: ${key}`)),
      'HSM key expires within 1 day: cmk-10',
      'Key store deleted: ready-gone',
      'Key store deleted: ready-hsm-gone',
      'Server Inaccessible: ready-5',
      'Server Inaccessible: ready-6',
      'Server Inaccessible: ready-11',
    ].sort(),
  )
})
