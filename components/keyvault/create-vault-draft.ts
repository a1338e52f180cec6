import type { Place } from '@/components/identity/place-draft'
import { createVaultInput } from '@/server/keyvault/contract'
import { newStoreDraft, type StoreDraft, storeFaults } from './create-store-draft'

export type VaultDraft = StoreDraft & { sku: 'standard' | 'premium'; rbac: boolean }

export const newVaultDraft = (place: Place): VaultDraft => ({ ...newStoreDraft(place), sku: 'standard', rbac: true })

export const vaultFaults = (draft: VaultDraft): Record<string, string> => storeFaults(draft, createVaultInput)

export const TABS = ['Basics', 'Access configuration', 'Networking', 'Tags'] as const
export type Tab = (typeof TABS)[number]
