import { type Place, placeFaults } from '@/components/identity/place-draft'
import { type CreateManagedHsmInput, createManagedHsmInput } from '@/server/managed-hsm/contract'
import { type NetworkDraft, patchOfNetwork } from './network-draft'
import type { TagRow } from './tag-rows'

export type HsmDraft = {
  place: Place
  name: string
  adminObjectIds: string[]
  softDeleteDays: number
  purgeProtection: boolean
  network: NetworkDraft
  tags: TagRow[]
}

/** Whoever makes the HSM is proposed as its administrator: without one nobody could ever activate it. */
export const newHsmDraft = (place: Place, adminObjectId: string): HsmDraft => ({
  place,
  name: '',
  adminObjectIds: [adminObjectId],
  softDeleteDays: 90,
  purgeProtection: true,
  network: { access: 'all', bypass: true, ipRules: [] },
  tags: [],
})

/** The form as the service of HSMs takes it. */
export function toCreateHsm({ place, network, tags, ...same }: HsmDraft): CreateManagedHsmInput {
  const { publicNetworkAccess, networkAcls } = patchOfNetwork(network)
  return {
    ...place,
    ...same,
    publicNetworkAccess: publicNetworkAccess!,
    networkAcls: networkAcls!,
    tags: Object.fromEntries(tags.filter((t) => t.name).map((t) => [t.name, t.value])),
  }
}

/** Faults by field: those of the shared schema, and what it would only find on the server. */
export function hsmFaults(draft: HsmDraft): Record<string, string> {
  const faults: Record<string, string> = {}
  const parsed = createManagedHsmInput.safeParse(toCreateHsm(draft))
  for (const issue of parsed.success ? [] : parsed.error.issues) faults[issue.path.join('.')] ??= issue.message
  return { ...faults, ...placeFaults(draft.place) }
}

export const TABS = ['Basics', 'Administrators', 'Networking', 'Tags'] as const
export type Tab = (typeof TABS)[number]

/** The tab on which a fault's field stands. */
export function tabOf(field: string): Tab {
  if (field.startsWith('networkAcls') || field === 'publicNetworkAccess') return 'Networking'
  if (field.startsWith('adminObjectIds')) return 'Administrators'
  if (field.startsWith('tags')) return 'Tags'
  return 'Basics'
}
