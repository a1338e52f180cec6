'use client'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { Section } from '@/components/ui/section'
import { regionDisplayName } from '@/server/kernel/regions'
import { resourceGroupId, subscriptionScope } from '@/server/kernel/resource-id'
import { DependentServers } from './dependent-servers'
import { VaultFrame } from './vault-frame'
import { networkSummary, PERMISSION_MODELS, softDeleteText } from './vaults-list'

export function VaultOverview({ name }: { name: string }) {
  return (
    <VaultFrame name={name}>
      {({ vault, subscriptionName, servers }) => (
        <>
          <Section title="Essentials">
            <Essentials
              items={[
                {
                  label: 'Resource group',
                  value: (
                    <AppLink href={paths.access(resourceGroupId(vault.subscriptionId, vault.resourceGroup))}>
                      {vault.resourceGroup}
                    </AppLink>
                  ),
                },
                { label: 'Vault URI', value: vault.uri, copy: vault.uri },
                { label: 'Location', value: regionDisplayName(vault.location) },
                { label: 'Pricing tier', value: vault.sku === 'premium' ? 'Premium' : 'Standard' },
                {
                  label: 'Subscription',
                  value: (
                    <AppLink href={paths.access(subscriptionScope(vault.subscriptionId))}>{subscriptionName}</AppLink>
                  ),
                },
                { label: 'Soft-delete', value: softDeleteText(vault) },
                {
                  label: 'Permission model',
                  value: (
                    <AppLink href={paths.vaultSection(vault.name, 'access')}>
                      {PERMISSION_MODELS[vault.permissionModel]}
                    </AppLink>
                  ),
                },
                { label: 'Purge protection', value: vault.purgeProtection ? 'Enabled' : 'Disabled' },
                {
                  label: 'Networking',
                  value: (
                    <AppLink href={paths.vaultSection(vault.name, 'networking')}>
                      {networkSummary(vault)}
                      {vault.networkAcls.bypass === 'AzureServices' ? '; trusted services bypass' : '; no bypass'}
                    </AppLink>
                  ),
                },
                { label: 'Created on', value: <Instant at={vault.createdAt} /> },
                {
                  label: 'Tags',
                  value: Object.entries(vault.tags)
                    .map(([k, v]) => `${k}: ${v}`)
                    .join(', '),
                },
              ]}
            />
          </Section>
          <DependentServers servers={servers} noun="key vault" />
        </>
      )}
    </VaultFrame>
  )
}
