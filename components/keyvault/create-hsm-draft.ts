import type { Place } from '@/components/identity/place-draft'
import { createManagedHsmInput } from '@/server/managed-hsm/contract'
import { newStoreDraft, type StoreDraft, storeFaults, tabOf as tabOfStore } from './create-store-draft'

export type HsmDraft = StoreDraft & { adminObjectIds: string[] }

/** Whoever makes the HSM is proposed as its administrator: without one nobody could ever activate it. */
export const newHsmDraft = (place: Place, adminObjectId: string): HsmDraft => ({
  ...newStoreDraft(place),
  adminObjectIds: [adminObjectId],
})

export const hsmFaults = (draft: HsmDraft): Record<string, string> => storeFaults(draft, createManagedHsmInput)

export const TABS = ['Basics', 'Administrators', 'Networking', 'Tags'] as const
export type Tab = (typeof TABS)[number]

/** The tab on which a fault's field stands. */
export const tabOf = (field: string): Tab => (field.startsWith('adminObjectIds') ? 'Administrators' : tabOfStore(field))
