'use client'
import { Link as FluentLink, makeStyles, tokens } from '@fluentui/react-components'
import { HeartPulseRegular } from '@fluentui/react-icons/svg/heart-pulse'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { errorText } from '@/components/portal/api'
import { Countdown, RelativeTime } from '@/components/portal/instant'
import { pathOfKeyIdentifier, paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { ButtonLink } from '@/components/ui/button-link'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { StateBadge } from '@/components/ui/state-badge'
import { EmptyState } from '@/components/ui/states'
import { StatusPill } from '@/components/ui/status-pill'
import { useUrlState } from '@/components/ui/use-url-state'
import type { FleetServerView } from '@/server/monitor/contract'
import { BrokenKeyPane } from '../broken-key-pane'
import { fleetQuery } from '../fleet-query'
import { IN_DANGER, StateTiles } from '../state-tiles'
import { ExportMenu } from './export-menu'
import { sheetOfFleet } from './export-text'
import { horizonQuery } from './fleet-queries'
import { dangersOf } from './horizon-rows'
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
  const horizon = useQuery(horizonQuery).data
  const dangers = useMemo(() => (horizon ? dangersOf(horizon) : NO_DANGERS), [horizon])
  const dangerOf = (s: FleetServerView) => (s.state === 'Ready' ? dangers.get(s.name) : undefined)
  return (
    <>
      <div className={styles.export}>
        <ExportMenu name="fleet" sheet={() => sheetOfFleet(data?.servers ?? [])} />
      </div>
      {data && data.servers.length > 0 && (
        <StateTiles
          counts={data.counts}
          inDanger={data.servers.filter(dangerOf).length}
          chosen={params.get('state')}
          hrefOf={(state) => paths.fleet({ state: state ?? undefined })}
        />
      )}
      <ResourceTable
        label="servers"
        rows={data?.servers}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(s) => s.id}
        columns={columns(dangerOf, (name) => change({ why: name }))}
        searchText={(s) => [s.name, s.keyUri, s.identityName, s.broken?.title, s.standby?.broken?.title].join(' ')}
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
      <BrokenKeyPane server={params.get('why')} onClose={() => change({ why: null })} />
    </>
  )
}

const NO_DANGERS = new Map<string, string>()
type DangerOf = (server: FleetServerView) => string | undefined

function columns(dangerOf: DangerOf, explain: (name: string) => void): TableColumn<FleetServerView>[] {
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
      sortValue: (s) => LOOKS.indexOf(lookOf(s.state, !!dangerOf(s))),
      filterValue: (s) => (dangerOf(s) ? IN_DANGER : s.state),
      render: (s) => <StateBadge state={s.state} />,
    },
    {
      id: 'cause',
      label: 'Cause',
      sortValue: (s) => s.broken?.title ?? s.standby?.broken?.title ?? dangerOf(s) ?? null,
      render: (s) => <Cause server={s} danger={dangerOf(s)} onExplain={() => explain(s.name)} />,
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

function Cause({ server, danger, onExplain }: { server: FleetServerView; danger?: string; onExplain: () => void }) {
  const styles = useStyles()
  if (server.broken)
    return (
      <FluentLink as="button" className={styles.cause} onClick={onExplain}>
        {server.broken.title}
      </FluentLink>
    )
  const standby = server.standby?.broken
  if (standby)
    return (
      <StatusPill tone="warning" icon={<WarningFilled />}>
        Standby: {standby.title}
      </StatusPill>
    )
  if (!danger) return <span className={styles.muted}>-</span>
  return (
    <StatusPill tone="warning" icon={<WarningFilled />}>
      {danger}
    </StatusPill>
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
