'use client'
import { Instant } from '@/components/portal/instant'
import { Essentials } from '@/components/ui/essentials'
import { Section } from '@/components/ui/section'
import { changeHsm } from '@/server/actions/hsms'
import { regionDisplayName } from '@/server/kernel/regions'
import { HsmFrame } from './hsm-frame'
import { PurgeProtection } from './purge-protection'

export function HsmProperties({ name }: { name: string }) {
  return (
    <HsmFrame name={name}>
      {({ hsm, subscriptionName, administrators, permissions }) => (
        <>
          <Section title="Properties">
            <Essentials
              items={[
                { label: 'Name', value: hsm.name, copy: hsm.name },
                { label: 'Sku', value: 'Standard B1' },
                { label: 'Location', value: regionDisplayName(hsm.location) },
                { label: 'HSM URI', value: hsm.uri, copy: hsm.uri },
                { label: 'Resource ID', value: hsm.id, copy: hsm.id },
                { label: 'Subscription', value: subscriptionName },
                { label: 'Subscription ID', value: hsm.subscriptionId, copy: hsm.subscriptionId },
                { label: 'Soft-delete', value: 'Enabled; it cannot be turned off' },
                { label: 'Retention', value: `${hsm.softDeleteDays} days; set at creation, cannot be changed` },
                {
                  label: 'Initial administrators',
                  value: `${administrators.map((a) => a.name ?? `Not found (${a.objectId})`).join(', ')}; set at creation`,
                },
                { label: 'Security domain', value: hsm.domainId, copy: hsm.domainId ?? undefined },
                { label: 'Created on', value: <Instant at={hsm.createdAt} /> },
              ]}
            />
          </Section>
          <PurgeProtection store={hsm} noun="managed HSM" permission={permissions.write} save={changeHsm} />
        </>
      )}
    </HsmFrame>
  )
}
