'use client'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { regionDisplayName } from '@/server/kernel/regions'
import { resourceGroupId, subscriptionScope } from '@/server/kernel/resource-id'
import { DependentServers } from './dependent-servers'
import { HsmFrame } from './hsm-frame'
import { ActivationBadge } from './hsms-list'
import { networkSummary } from './vaults-list'

export function HsmOverview({ name }: { name: string }) {
  return (
    <HsmFrame name={name}>
      {({ hsm, subscriptionName, administrators, servers }) => (
        <>
          <Section title="Essentials">
            <Essentials
              items={[
                {
                  label: 'Resource group',
                  value: (
                    <AppLink href={paths.access(resourceGroupId(hsm.subscriptionId, hsm.resourceGroup))}>
                      {hsm.resourceGroup}
                    </AppLink>
                  ),
                },
                { label: 'HSM URI', value: hsm.uri, copy: hsm.uri },
                { label: 'Location', value: regionDisplayName(hsm.location) },
                { label: 'Sku', value: 'Standard B1' },
                {
                  label: 'Subscription',
                  value: (
                    <AppLink href={paths.access(subscriptionScope(hsm.subscriptionId))}>{subscriptionName}</AppLink>
                  ),
                },
                {
                  label: 'Activation status',
                  value: (
                    <span>
                      <ActivationBadge activated={hsm.activated} />
                      {hsm.activatedAt && (
                        <>
                          {' '}
                          since <Instant at={hsm.activatedAt} />
                        </>
                      )}
                    </span>
                  ),
                },
                {
                  label: 'Initial administrators',
                  value: administrators.map((a) => a.name ?? `Not found (${a.objectId})`).join(', '),
                },
                { label: 'Quorum', value: hsm.quorum && `${hsm.quorum} holders open the security domain` },
                { label: 'Security domain', value: hsm.domainId, copy: hsm.domainId ?? undefined },
                { label: 'Soft-delete', value: `Enabled, ${hsm.softDeleteDays} days` },
                { label: 'Purge protection', value: hsm.purgeProtection ? 'Enabled' : 'Disabled' },
                {
                  label: 'Networking',
                  value: (
                    <AppLink href={paths.hsmSection(hsm.name, 'networking')}>
                      {networkSummary(hsm)}
                      {hsm.networkAcls.bypass === 'AzureServices' ? '; trusted services bypass' : '; no bypass'}
                    </AppLink>
                  ),
                },
                { label: 'Created on', value: <Instant at={hsm.createdAt} /> },
              ]}
            />
          </Section>
          <SimulatedNote>
            There is no hardware here: the keys of this HSM are sealed at rest by the portal’s own master key.
          </SimulatedNote>
          <DependentServers servers={servers} noun="managed HSM" />
        </>
      )}
    </HsmFrame>
  )
}
