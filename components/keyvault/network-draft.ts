import type { UpdateVaultInput, VaultView } from '@/server/keyvault/contract'

export type Access = 'all' | 'selected' | 'none'
export type NetworkDraft = { access: Access; bypass: boolean; ipRules: string[] }

/** A vault's network rules as the form asks for them. */
export function draftOfNetwork(vault: Pick<VaultView, 'publicNetworkAccess' | 'networkAcls'>): NetworkDraft {
  const { defaultAction, bypass, ipRules } = vault.networkAcls
  const access = !vault.publicNetworkAccess ? 'none' : defaultAction === 'Allow' ? 'all' : 'selected'
  return { access, bypass: bypass === 'AzureServices', ipRules }
}

/** The form as the vault takes it. Rules outlive a change to another kind of access. */
export const patchOfNetwork = ({ access, bypass, ipRules }: NetworkDraft): UpdateVaultInput => ({
  publicNetworkAccess: access !== 'none',
  networkAcls: {
    defaultAction: access === 'all' ? 'Allow' : 'Deny',
    bypass: bypass ? 'AzureServices' : 'None',
    ipRules: ipRules.map((rule) => rule.trim()).filter(Boolean),
  },
})

/** Whether servers are kept out: they come from no listed address, only by the bypass. */
export const blocksServers = ({ access, bypass }: NetworkDraft): boolean => access !== 'all' && !bypass

/** Who gets in and who does not, in a sentence or two. */
export function networkSaysOf(draft: NetworkDraft): string {
  const people = {
    all: 'People get in from everywhere.',
    selected: 'People get in from the listed addresses only.',
    none: 'No person gets in over the internet; the portal cannot show the keys either.',
  }[draft.access]
  if (draft.access === 'all') return `${people} Servers get in as well.`
  return draft.bypass
    ? `${people} Servers are not affected: they come as a trusted Microsoft service and bypass the firewall.`
    : `${people} Servers are blocked: without the exception no server can unwrap its data key with keys of this vault.`
}
