import 'server-only'
import { listManagedIdentities, listSubscriptions } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { findRegion } from '@/server/kernel/regions'
import { RESOURCE_TYPES } from '@/server/kernel/resource-id'
import { listVaults } from '@/server/keyvault/service'
import { listManagedHsms } from '@/server/managed-hsm/service'
import type { ResourceKind, ResourceView } from '@/server/monitor/contract'
import { fleetHealth } from '@/server/monitor/service'

type Named = Pick<ResourceView, 'id' | 'name' | 'location' | 'resourceGroup' | 'subscriptionId' | 'createdAt'>

/** All resources that the person may read, newest first. */
export async function listResources(ctx: Ctx): Promise<ResourceView[]> {
  const [subscriptions, fleet, vaults, hsms, identities] = await Promise.all([
    listSubscriptions(ctx),
    fleetHealth(ctx),
    listVaults(ctx),
    listManagedHsms(ctx),
    listManagedIdentities(ctx),
  ])
  const names = new Map(subscriptions.map((s) => [s.id, s.name]))
  const view = (kind: ResourceKind, r: Named, state: string | null, principalId: string | null): ResourceView => ({
    id: r.id,
    kind,
    type: RESOURCE_TYPES[kind],
    name: r.name,
    location: r.location,
    region: findRegion(r.location)?.displayName ?? r.location,
    resourceGroup: r.resourceGroup,
    subscriptionId: r.subscriptionId,
    subscriptionName: names.get(r.subscriptionId) ?? r.subscriptionId,
    createdAt: r.createdAt,
    state,
    principalId,
  })
  return [
    ...fleet.servers.map((s) => view('server', s, s.state, null)),
    ...vaults.filter((v) => !v.deletedAt).map((v) => view('vault', v, null, null)),
    ...hsms.map((h) => view('managedHsm', h, h.activated ? null : 'Not activated', null)),
    ...identities.map((i) => view('identity', i, null, i.principalId)),
  ].sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.name.localeCompare(b.name))
}
