import type { z } from 'zod'
import { type Place, placeFaults } from '@/components/identity/place-draft'
import { type NetworkDraft, patchOfNetwork } from './network-draft'
import type { TagRow } from './tag-rows'

/** What the forms that make a vault and a managed HSM have in common. */
export type StoreDraft = {
  place: Place
  name: string
  softDeleteDays: number
  purgeProtection: boolean
  network: NetworkDraft
  tags: TagRow[]
}

/** Azure's defaults, but for a vault's purge protection: a customer-managed key needs it. */
export const newStoreDraft = (place: Place): StoreDraft => ({
  place,
  name: '',
  softDeleteDays: 90,
  purgeProtection: true,
  network: { access: 'all', bypass: true, ipRules: [] },
  tags: [],
})

export const tagsOf = (tags: TagRow[]): Record<string, string> =>
  Object.fromEntries(tags.filter((t) => t.name).map((t) => [t.name, t.value]))

/** The form as the services of vaults and HSMs take it. */
export function toCreateStore<D extends StoreDraft>({ place, network, tags, ...same }: D) {
  const { publicNetworkAccess, networkAcls } = patchOfNetwork(network)
  return {
    ...place,
    ...same,
    publicNetworkAccess: publicNetworkAccess!,
    networkAcls: networkAcls!,
    tags: tagsOf(tags),
  }
}

/** Faults by field: those of the shared schema, and what it would only find on the server. */
export function storeFaults(draft: StoreDraft, schema: z.ZodType): Record<string, string> {
  const faults: Record<string, string> = {}
  const parsed = schema.safeParse(toCreateStore(draft))
  for (const issue of parsed.success ? [] : parsed.error.issues) faults[issue.path.join('.')] ??= issue.message
  return { ...faults, ...placeFaults(draft.place) }
}

/** The tab on which a fault's field stands. */
export function tabOf(field: string): 'Basics' | 'Networking' | 'Tags' {
  if (field.startsWith('networkAcls') || field === 'publicNetworkAccess') return 'Networking'
  if (field.startsWith('tags')) return 'Tags'
  return 'Basics'
}
