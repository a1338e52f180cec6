'use client'
import { Link as FluentLink, makeStyles, tokens } from '@fluentui/react-components'
import { HeartPulseRegular } from '@fluentui/react-icons/svg/heart-pulse'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '@/components/portal/api'
import { Countdown, RelativeTime } from '@/components/portal/instant'
import { pathOfKeyIdentifier, paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { ButtonLink } from '@/components/ui/button-link'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { StateBadge } from '@/components/ui/state-badge'
import { EmptyState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import type { FleetServerView } from '@/server/monitor/contract'
import { BrokenKeyPane } from '../broken-key-pane'
import { fleetQuery } from '../fleet-query'
import { StateTiles } from '../state-tiles'
import { ExportMenu } from './export-menu'
import { sheetOfFleet } from './export-text'
import { LOOKS, lookOf } from './looks'

const useStyles = makeStyles({
  export: { display: 'flex', justifyContent: 'flex-end' },
  muted: { color: tokens.colorNeutralForeground3 },
  cause: { textAlign: 'left', minWidth: '160px' },
})

const MODES = { SystemManaged: 'Service-managed', AzureKeyVault: 'Customer-managed' } as const

/** Every server with the state of its key access, live; the fallen ones first. */
export function FleetTable() {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const { data, error, refetch } = useQuery(fleetQuery)
  const state = params.get('state')
  const shown = data?.servers.find((s) => s.name === params.get('why')) ?? null
  return (
    <>
      <div className={styles.export}>
        <ExportMenu name="fleet" sheet={() => sheetOfFleet(data?.servers ?? [])} />
      </div>
      {data && data.servers.length > 0 && (
        <StateTiles counts={data.counts} chosen={state} hrefOf={(s) => paths.fleet({ state: s ?? undefined })} />
      )}
      <ResourceTable
        label="servers"
        rows={data?.servers}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(s) => s.id}
        columns={columns((name) => change({ why: name }))}
        searchText={(s) => [s.name, s.keyUri, s.identityName, s.broken?.title].join(' ')}
        defaultSort={{ column: 'state' }}
        empty={
          <EmptyState
            icon={<HeartPulseRegular />}
            title="No servers to watch"
            text="There is none yet, or the person you act as may read none."
            action={<ButtonLink href={paths.createPostgres()}>Create a server</ButtonLink>}
          />
        }
      />
      <BrokenKeyPane server={shown} onClose={() => change({ why: null })} />
    </>
  )
}

function columns(explain: (name: string) => void): TableColumn<FleetServerView>[] {
  return [
    {
      id: 'name',
      label: 'Name',
      nowrap: true,
      sortValue: (s) => s.name,
      render: (s) => <AppLink href={paths.server(s.name)}>{s.name}</AppLink>,
    },
    {
      id: 'state',
      label: 'State',
      sortValue: (s) => LOOKS.indexOf(lookOf(s.state, false)),
      filterValue: (s) => s.state,
      render: (s) => <StateBadge state={s.state} />,
    },
    {
      id: 'cause',
      label: 'Cause',
      sortValue: (s) => s.broken?.title ?? null,
      render: (s) => <Cause server={s} onExplain={() => explain(s.name)} />,
    },
    {
      id: 'since',
      label: 'Since',
      sortValue: (s) => s.stateSince,
      render: (s) => <RelativeTime at={s.stateSince} />,
    },
    {
      id: 'mode',
      label: 'Encryption',
      sortValue: (s) => MODES[s.encryption],
      filterValue: (s) => s.encryption,
      filterLabel: (v) => MODES[v as keyof typeof MODES],
      filterOnly: true,
      render: (s) => MODES[s.encryption],
    },
    {
      id: 'key',
      label: 'Key',
      sortValue: (s) => s.keyUri,
      lowPriority: true,
      render: (s) => <KeyLink uri={s.keyUri} />,
    },
    {
      id: 'identity',
      label: 'Identity',
      nowrap: true,
      sortValue: (s) => s.identityName,
      lowPriority: true,
      render: (s) =>
        s.identityName && s.identityPrincipalId ? (
          <AppLink href={paths.identity(s.identityPrincipalId)}>{s.identityName}</AppLink>
        ) : (
          '-'
        ),
    },
    {
      id: 'checked',
      label: 'Last check',
      sortValue: (s) => s.lastCheckAt,
      render: (s) => (s.lastCheckAt ? <RelativeTime at={s.lastCheckAt} /> : '-'),
    },
    {
      id: 'next',
      label: 'Next check',
      sortValue: (s) => s.nextCheckAt,
      render: (s) => (s.nextCheckAt ? <Countdown to={s.nextCheckAt} /> : '-'),
    },
  ]
}

function Cause({ server, onExplain }: { server: FleetServerView; onExplain: () => void }) {
  const styles = useStyles()
  if (!server.broken) return <span className={styles.muted}>-</span>
  return (
    <FluentLink as="button" className={styles.cause} onClick={onExplain}>
      {server.broken.title}
    </FluentLink>
  )
}

/** `store / key` instead of the whole identifier, which would fill the row. */
function KeyLink({ uri }: { uri: string | null }) {
  const styles = useStyles()
  const href = uri && pathOfKeyIdentifier(uri)
  if (!uri || !href) return <span className={styles.muted}>Service-managed</span>
  const [, store, key] = /^https:\/\/([^./]+)\.[^/]+\/keys\/([^/]+)/.exec(uri) ?? []
  return (
    <AppLink href={href} title={uri}>
      {store} / {key}
    </AppLink>
  )
}
