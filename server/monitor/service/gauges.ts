import { Gauge, Registry } from 'prom-client'
import { virtualNow } from '@/server/clock/model'
import type { Db } from '@/server/kernel/db'
import { realNowMs } from '@/server/kernel/time'
import { SERVER_STATES } from '@/server/postgres/model'
import * as store from '../store'

const DAY_MS = 86_400_000
const BOUNDS = [0, 1, 7, 30, 90, 365]
const PROBES = ['KeyUnwrap', 'KeyWrap']

/**
 * The fleet in the text format of Prometheus. Numbers of the whole installation, without names of servers or keys:
 * whoever reaches the port may read them.
 */
export async function fleetGauges(db: Db): Promise<{ body: string; contentType: string }> {
  const registry = new Registry()
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `portcullis_${name}`, help, labelNames, registers: [registry] })
  await Promise.all([
    servers(db, gauge('servers', 'Servers by state and encryption.', ['state', 'encryption'])),
    keys(
      db,
      gauge('keys_expiring_within_days', 'Live keys whose current version expires within so many days.', ['days']),
    ),
    requests(db, {
      all: gauge('key_requests', 'Requests to key stores since the beginning.', ['operation', 'status']),
      probes: gauge('key_probes', 'Requests to wrap and unwrap since the beginning.'),
      refusals: gauge('key_refusals', 'Requests to key stores that were refused since the beginning.', ['status']),
    }),
    alerts(db, gauge('alerts_fired', 'Alerts that are fired.', ['severity'])),
    deliveries(db, gauge('alert_deliveries', 'Deliveries of alerts.', ['status', 'channel'])),
    engines(db, gauge('engine_heartbeat_age_seconds', 'Real seconds since an engine was last heard of.')),
    clocks(db, gauge('clock_rate', 'Virtual seconds for each real one.', ['tenant'])),
  ])
  return { body: await registry.metrics(), contentType: registry.contentType }
}

async function servers(db: Db, gauge: Gauge): Promise<void> {
  for (const state of SERVER_STATES)
    for (const encryption of ['SystemManaged', 'AzureKeyVault']) gauge.set({ state, encryption }, 0)
  for (const { count, ...labels } of await store.countFleet(db)) gauge.set(labels, count)
}

async function keys(db: Db, gauge: Gauge): Promise<void> {
  const clocks = new Map((await store.findClocks(db)).map((c) => [c.tenantId, virtualNow(c, realNowMs())]))
  const days = (await store.findExpiryDates(db)).map(
    (k) => (k.expires.getTime() - (clocks.get(k.tenantId) ?? 0)) / DAY_MS,
  )
  for (const bound of BOUNDS) gauge.set({ days: String(bound) }, days.filter((d) => d <= bound).length)
}

async function requests(db: Db, gauges: { all: Gauge; probes: Gauge; refusals: Gauge }): Promise<void> {
  gauges.probes.set(0)
  for (const { operation, status, count } of await store.countRequests(db)) {
    gauges.all.set({ operation, status: String(status) }, count)
    if (PROBES.includes(operation)) gauges.probes.inc(count)
    if (status >= 400) gauges.refusals.inc({ status: String(status) }, count)
  }
}

async function alerts(db: Db, gauge: Gauge): Promise<void> {
  for (const severity of [0, 1, 2, 3, 4]) gauge.set({ severity: String(severity) }, 0)
  for (const { severity, count } of await store.countAlerts(db)) gauge.set({ severity: String(severity) }, count)
}

async function deliveries(db: Db, gauge: Gauge): Promise<void> {
  for (const { count, ...labels } of await store.countDeliveries(db)) gauge.set(labels, count)
}

async function engines(db: Db, gauge: Gauge): Promise<void> {
  const heard = await store.findNewestHeartbeatMs(db)
  if (heard !== null) gauge.set((realNowMs() - heard) / 1000)
}

async function clocks(db: Db, gauge: Gauge): Promise<void> {
  for (const { tenantId, rate } of await store.findClocks(db)) gauge.set({ tenant: tenantId }, rate)
}
