'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { Instant, RelativeTime } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { Section } from '@/components/ui/section'
import { StateBadge } from '@/components/ui/state-badge'
import { regionDisplayName } from '@/server/kernel/regions'
import { resourceGroupId, subscriptionScope } from '@/server/kernel/resource-id'
import { findSku } from '@/server/postgres/catalog'
import type { ServerDetailView } from '@/server/postgres/contract'
import { ConnectCard } from './connect-card'
import { KeyCard } from './key-card'
import { RecentActivity } from './recent-activity'
import { ServerFrame } from './server-frame'
import { StateHistory } from './state-history'

export function ServerOverview({ name }: { name: string }) {
  return (
    <ServerFrame name={name}>
      {(page) => (
        <>
          <ServerEssentials server={page.server} />
          <KeyCard page={page} />
          <StateHistory title="State history" history={page.server.history} />
          {page.server.standby && <StateHistory title="History of the standby" history={page.server.standbyHistory} />}
          <RecentActivity resourceId={page.server.id} events={page.server.activity} />
          <ConnectCard server={page.server} />
        </>
      )}
    </ServerFrame>
  )
}

const TIERS: Record<string, string> = {
  Burstable: 'Burstable',
  GeneralPurpose: 'General Purpose',
  MemoryOptimized: 'Memory Optimized',
}

const HA: Record<string, string> = {
  Disabled: 'Not enabled',
  SameZone: 'Same zone',
  ZoneRedundant: 'Zone redundant',
}

function HighAvailability({ server }: { server: ServerDetailView }) {
  const styles = useStyles()
  const { highAvailability: mode, highAvailabilityState: state } = server
  return (
    <>
      {HA[mode] ?? mode}
      {state !== 'NotEnabled' && (
        <span className={styles.since}>
          <StateBadge state={state} />
        </span>
      )}
    </>
  )
}

function configuration({ tier, sku: name, storageGiB }: ServerDetailView): string {
  const sku = findSku(name)
  const size = sku ? ` (${sku.vCores} vCores, ${sku.memoryGiB} GiB memory)` : ''
  return `${TIERS[tier] ?? tier}, ${name.replace('Standard_', '')}${size}, ${storageGiB} GiB storage`
}

const useStyles = makeStyles({ since: { marginLeft: tokens.spacingHorizontalXS } })

function ServerEssentials({ server }: { server: ServerDetailView }) {
  const styles = useStyles()
  const group = resourceGroupId(server.subscriptionId, server.resourceGroup)
  const reason = server.history[0]?.title
  const tags = Object.entries(server.tags)
  return (
    <Section title="Essentials">
      <Essentials
        items={[
          {
            label: 'Subscription',
            value: (
              <AppLink href={paths.access(subscriptionScope(server.subscriptionId))}>{server.subscriptionName}</AppLink>
            ),
          },
          { label: 'Resource group', value: <AppLink href={paths.access(group)}>{server.resourceGroup}</AppLink> },
          {
            label: 'Status',
            value: (
              <>
                <StateBadge state={server.state} />
                <span className={styles.since}>
                  <RelativeTime at={server.stateSince} />
                  {reason ? `: ${reason}` : ''}
                </span>
              </>
            ),
          },
          { label: 'Location', value: regionDisplayName(server.location) },
          { label: 'Server name', value: server.fqdn, copy: server.fqdn },
          { label: 'Administrator login', value: server.administratorLogin || 'None: Microsoft Entra only' },
          { label: 'Configuration', value: configuration(server) },
          { label: 'PostgreSQL version', value: server.version },
          ...(server.properties.restoredFrom
            ? [
                {
                  label: 'Restored from',
                  value: (
                    <span>
                      {server.properties.restoredFrom.serverName}, as of{' '}
                      <Instant at={server.properties.restoredFrom.at} />
                    </span>
                  ),
                },
              ]
            : []),
          {
            label: 'Availability zone',
            value: server.availabilityZone === 'none' ? 'No preference' : server.availabilityZone,
          },
          { label: 'High availability', value: <HighAvailability server={server} /> },
          {
            label: 'Backups',
            value: `${server.backupRetentionDays} days, ${server.geoRedundantBackup ? 'geo-redundant' : 'in this region'}`,
          },
          {
            label: 'Created on',
            value: (
              <span>
                <Instant at={server.createdAt} /> by {server.createdBy}
              </span>
            ),
          },
          { label: 'Tags', value: tags.map(([k, v]) => `${k}: ${v}`).join(', ') },
        ]}
      />
    </Section>
  )
}
