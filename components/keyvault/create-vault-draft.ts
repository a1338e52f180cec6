import { type Place, placeFaults } from '@/components/identity/place-draft'
import { type CreateVaultInput, createVaultInput } from '@/server/keyvault/contract'
import { type NetworkDraft, patchOfNetwork } from './network-draft'
import type { TagRow } from './tag-rows'

export type VaultDraft = {
  place: Place
  name: string
  sku: 'standard' | 'premium'
  softDeleteDays: number
  purgeProtection: boolean
  rbac: boolean
  network: NetworkDraft
  tags: TagRow[]
}

/** Azure's defaults, but for purge protection: a customer-managed key needs it. */
export const newVaultDraft = (place: Place): VaultDraft => ({
  place,
  name: '',
  sku: 'standard',
  softDeleteDays: 90,
  purgeProtection: true,
  rbac: true,
  network: { access: 'all', bypass: true, ipRules: [] },
  tags: [],
})

/** The form as the vault's service takes it. */
export function toCreateVault(draft: VaultDraft): CreateVaultInput {
  const { place, network, tags, ...same } = draft
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
export function vaultFaults(draft: VaultDraft): Record<string, string> {
  const faults: Record<string, string> = {}
  const parsed = createVaultInput.safeParse(toCreateVault(draft))
  for (const issue of parsed.success ? [] : parsed.error.issues) faults[issue.path.join('.')] ??= issue.message
  return { ...faults, ...placeFaults(draft.place) }
}

export const TABS = ['Basics', 'Access configuration', 'Networking', 'Tags'] as const
export type Tab = (typeof TABS)[number]

/** The tab on which a fault's field stands. */
export function tabOf(field: string): Tab {
  if (field.startsWith('networkAcls') || field === 'publicNetworkAccess') return 'Networking'
  if (field.startsWith('tags')) return 'Tags'
  return 'Basics'
}
