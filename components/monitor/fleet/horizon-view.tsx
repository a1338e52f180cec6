'use client'
import { ResponsiveContainer, VerticalStackedBarChart } from '@fluentui/react-charts'
import { makeStyles, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { Instant, RelativeTime } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Loaded } from '@/components/ui/loaded'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import { useTheme } from '@/components/ui/theme-context'
import { useMounted } from '@/components/ui/use-mounted'
import type { HorizonKey, HorizonView } from '@/server/monitor/contract/fleet'
import { ExportMenu } from './export-menu'
import { sheetOfHorizon } from './export-text'
import { horizonQuery } from './fleet-queries'
import { BUCKETS, bucketOf, countBuckets } from './horizon-rows'
import { paletteOf } from './tile-paint'

const HEIGHT = 240

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, minWidth: 0 },
  chart: { height: `${HEIGHT}px`, width: '100%', overflow: 'hidden' },
  servers: { display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalS },
  off: { color: tokens.colorStatusDangerForeground1 },
})

/** When key versions end and keys rotate, and which servers depend on them. */
export function HorizonPage() {
  const styles = useStyles()
  const query = useQuery(horizonQuery)
  return (
    <div className={styles.root}>
      <Loaded query={query} label="the expiry horizon">
        {(view) => <Horizon view={view} />}
      </Loaded>
    </div>
  )
}

function Horizon({ view }: { view: HorizonView }) {
  const nowMs = Date.parse(view.now)
  return (
    <>
      {view.keys.length > 0 && (
        <Section title="By time left">
          <HorizonChart view={view} />
        </Section>
      )}
      <Section title="Keys and versions">
        <ResourceTable
          label="key versions"
          rows={view.keys}
          rowId={(k) => `${k.store}/${k.key}/${k.version}`}
          columns={columns(nowMs)}
          searchText={(k) => [k.store, k.key, k.version, ...k.servers].join(' ')}
          defaultSort={{ column: 'expires' }}
          tools={<ExportMenu name="fleet-expiry" sheet={() => sheetOfHorizon(view)} />}
          empty={<EmptyState title="No key ends, rotates or holds a server" />}
        />
      </Section>
    </>
  )
}

function HorizonChart({ view }: { view: HorizonView }) {
  const styles = useStyles()
  const colors = paletteOf(useTheme().name)
  // The chart measures itself: it cannot be drawn on the server.
  const mounted = useMounted()
  const buckets = countBuckets(view.keys, Date.parse(view.now))
  const highest = Math.max(1, ...buckets.map((b) => b.expiring + b.rotating + b.servers))
  const data = buckets.map((bucket) => ({
    xAxisPoint: bucket.label,
    chartData: [
      { legend: 'Versions that end', data: bucket.expiring, color: colors.danger },
      { legend: 'Keys that rotate', data: bucket.rotating, color: colors.moving },
      { legend: 'Servers on ending versions', data: bucket.servers, color: colors.idle },
    ],
  }))
  return (
    <div className={styles.chart}>
      {mounted && (
        <ResponsiveContainer height={HEIGHT}>
          <VerticalStackedBarChart
            chartTitle="Keys and versions by time left"
            data={data}
            barWidth={28}
            yAxisTickCount={4}
            // Room above the highest bar for its number.
            yMaxValue={Math.ceil(highest * 1.2)}
            margins={{ left: 40, top: 24, bottom: 32, right: 16 }}
          />
        </ResponsiveContainer>
      )}
    </div>
  )
}

const hrefOf = (k: HorizonKey): string =>
  k.storeType === 'vault' ? paths.vaultKey(k.store, k.key) : paths.hsmKey(k.store, k.key)

const SHOWN_SERVERS = 4

function columns(nowMs: number): TableColumn<HorizonKey>[] {
  const left = (k: HorizonKey) =>
    k.expires ? BUCKETS.find((b) => b.id === bucketOf(Date.parse(k.expires!), nowMs))!.label : 'Never'
  return [
    {
      id: 'key',
      label: 'Key',
      sortValue: (k) => `${k.store}/${k.key}`,
      render: (k) => (
        <AppLink href={hrefOf(k)}>
          {k.store} / {k.key}
        </AppLink>
      ),
    },
    {
      id: 'version',
      label: 'Version',
      nowrap: true,
      render: (k) => <Version version={k} />,
    },
    {
      id: 'left',
      label: 'Ends within',
      sortValue: (k) => (k.expires ? Date.parse(k.expires) : null),
      filterValue: left,
      render: left,
      lowPriority: true,
    },
    {
      id: 'expires',
      label: 'Ends',
      sortValue: (k) => (k.expires ? Date.parse(k.expires) : null),
      render: (k) => <When at={k.expires} />,
    },
    {
      id: 'rotation',
      label: 'Next rotation',
      sortValue: (k) => (k.nextRotation ? Date.parse(k.nextRotation) : null),
      render: (k) => <When at={k.nextRotation} />,
    },
    {
      id: 'servers',
      label: 'Who depends on it',
      sortValue: (k) => -k.servers.length,
      render: (k) => <Servers names={k.servers} />,
    },
    {
      id: 'what-if',
      label: 'If it went',
      nowrap: true,
      render: (k) => (
        <AppLink
          href={paths.fleet({ view: 'impact', change: 'keyVersion', store: k.store, key: k.key, version: k.version })}
          aria-label={`Blast radius of ${k.key} ${k.version.slice(0, 8)}`}
        >
          Blast radius
        </AppLink>
      ),
    },
  ]
}

function Version({ version }: { version: HorizonKey }) {
  const styles = useStyles()
  return (
    <span title={version.version}>
      {version.version.slice(0, 8)}
      {version.current && ' (current)'}
      {version.gone && <strong className={styles.off}> {version.gone} deleted</strong>}
      {!version.enabled && <strong className={styles.off}> disabled</strong>}
    </span>
  )
}

function When({ at }: { at: string | null }) {
  if (!at) return '-'
  return (
    <>
      <Instant at={at} /> (<RelativeTime at={at} />)
    </>
  )
}

function Servers({ names }: { names: string[] }) {
  const styles = useStyles()
  if (names.length === 0) return '-'
  return (
    <span className={styles.servers}>
      {names.slice(0, SHOWN_SERVERS).map((name) => (
        <AppLink key={name} href={paths.server(name)}>
          {name}
        </AppLink>
      ))}
      {names.length > SHOWN_SERVERS && <span title={names.join(', ')}>and {names.length - SHOWN_SERVERS} more</span>}
    </span>
  )
}
