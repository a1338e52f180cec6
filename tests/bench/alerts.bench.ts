import { expect, test } from 'vitest'
import { recordActivities } from '@/server/activity/service'
import { READY_MADE } from '@/server/alerts/model/ready-made'
import { evaluateActivityAlerts, saveActionGroup, saveAlertRule } from '@/server/alerts/service'
import { createResourceGroup } from '@/server/identity/service'
import { transact } from '@/server/kernel/db'
import { monotonicMs } from '@/server/kernel/time'
import { SUBSCRIPTION_ID, testTenant } from '../support/tenant'

/** Alerts for a whole fleet on one key: it falls, and comes back. */
const { db, service } = await testTenant()
const place = { subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'rg' }
const scope = `/subscriptions/${SUBSCRIPTION_ID}`
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: 'westeurope', tags: {} })
const { group } = await saveActionGroup(service, {
  ...{ ...place, name: 'ag', shortName: 'ag', receivers: { inboxes: [{ name: 'inbox' }] } },
})
for (const rule of READY_MADE)
  await saveAlertRule(service, { ...rule, ...place, scopes: [scope], actionGroupIds: [group.id] })

const happen = (servers: number, healthy: boolean) =>
  transact(service, (tx) =>
    recordActivities(
      tx,
      Array.from({ length: servers }, (_, i) => ({
        operationName: `Microsoft.Resourcehealth/healthevent/${healthy ? 'Resolved' : 'Activated'}/action`,
        category: 'ResourceHealth' as const,
        resourceId: `${scope}/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/s-${i}`,
        status: healthy ? ('Resolved' as const) : ('Active' as const),
        description: `s-${i} is ${healthy ? 'Ready again' : 'Inaccessible'}`,
        properties: { currentHealthStatus: healthy ? 'Available' : 'Unavailable' },
      })),
    ),
  )

test.each([500, 5000])(
  '%i servers fall and come back',
  async (servers) => {
    for (const healthy of [false, true]) {
      await happen(servers, healthy)
      const start = monotonicMs()
      await evaluateActivityAlerts(service)
      const seconds = (monotonicMs() - start) / 1000
      console.log(
        `${servers} alerts ${healthy ? 'resolved' : 'raised'}, each told to an inbox, in ${seconds.toFixed(2)} s`,
      )
      expect(await db.alert.count({ where: { condition: 'Fired' } })).toBe(healthy ? 0 : servers)
    }
  },
  600_000,
)
