import type { CreateOptions } from '@/server/queries/create-options'

export type Place = { subscriptionId: string; resourceGroup: string; location: string }

/** The place that a new resource starts from: the first subscription, and its group when there is only one. */
export function firstPlace({ subscriptions, resourceGroups }: CreateOptions): Place {
  const subscriptionId = subscriptions[0]?.id ?? ''
  const groups = resourceGroups.filter((g) => g.subscriptionId === subscriptionId)
  const only = groups.length === 1 ? groups[0] : undefined
  return { subscriptionId, resourceGroup: only?.name ?? '', location: only?.location ?? '' }
}

export function placeFaults(place: Place): Partial<Record<keyof Place, string>> {
  return {
    ...(place.subscriptionId ? {} : { subscriptionId: 'Choose a subscription.' }),
    ...(place.resourceGroup ? {} : { resourceGroup: 'Choose a resource group.' }),
    ...(place.location ? {} : { location: 'Choose a region.' }),
  }
}
