'use client'
import { Button, makeStyles, Select, Spinner, Tag, TagGroup, tokens } from '@fluentui/react-components'
import { HistoryRegular } from '@fluentui/react-icons/svg/history'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { errorText } from '@/components/portal/api'
import { Instant } from '@/components/portal/instant'
import { pathOfResource, paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import type { ActivityView } from '@/server/activity/contract'
import { ActivityPane } from './activity-pane'
import { activityQuery, filterFrom } from './activity-query'
import { LEVELS, LevelBadge } from './level-badge'

const SPANS: [hours: string, label: string][] = [
  ['', 'All time'],
  ['1', 'Last hour'],
  ['6', 'Last 6 hours'],
  ['24', 'Last day'],
  ['168', 'Last week'],
]

const useStyles = makeStyles({
  filter: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  link: { textAlign: 'left' },
  caller: { display: 'block', maxWidth: '220px', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  more: { alignSelf: 'center' },
})

/** The activity log: who did what to which resource, newest first, older entries on demand. */
export function ActivityPage() {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const filter = filterFrom(params)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    activityQuery(filter),
  )
  const event = Number(params.get('event')) || null
  const filtered = Object.keys(filter).length > 0
  return (
    <Blade
      title="Activity log"
      subtitle="Changes to resources. What vaults were asked for is in their audit logs."
      icon={<HistoryRegular />}
      breadcrumb={[{ label: 'Home', href: paths.home() }]}
    >
      <ActiveScopes
        resource={filter.resource}
        correlation={filter.correlation}
        onClear={(name) => change({ [name]: null })}
      />
      <ResourceTable
        label="events"
        rows={data?.pages.flatMap((page) => page.events)}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(e) => e.id}
        columns={COLUMNS}
        searchText={(e) => [e.description, e.operationName, e.resourceName, e.caller, e.status].join(' ')}
        onRowClick={(e) => change({ event: String(e.seq) })}
        alwaysTools
        tools={
          <>
            <ServerFilter
              label="Level"
              value={filter.level ?? ''}
              options={[['', 'All'], ...LEVELS.map((l): [string, string] => [l, l])]}
              onChange={(level) => change({ level })}
            />
            <ServerFilter
              label="Time span"
              value={filter.hours ?? ''}
              options={SPANS}
              onChange={(hours) => change({ hours })}
            />
          </>
        }
        empty={
          <EmptyState
            icon={<HistoryRegular />}
            title={filtered ? 'No event matches the filters' : 'Nothing has happened yet'}
            text={filtered ? 'Widen the time span or clear a filter.' : 'Every change to a resource will be here.'}
          />
        }
      />
      {hasNextPage && (
        <Button
          className={styles.more}
          onClick={() => void fetchNextPage()}
          icon={isFetchingNextPage ? <Spinner size="tiny" /> : undefined}
        >
          Load older events
        </Button>
      )}
      <ActivityPane seq={event} onClose={() => change({ event: null })} />
    </Blade>
  )
}

const COLUMNS: TableColumn<ActivityView>[] = [
  { id: 'event', label: 'Event', width: '34%', render: (e) => <EventLink event={e} /> },
  { id: 'status', label: 'Status', render: (e) => e.status },
  { id: 'at', label: 'Time', render: (e) => <Instant at={e.at} seconds /> },
  { id: 'resource', label: 'Resource', render: (e) => <ResourceLink event={e} /> },
  { id: 'caller', label: 'By', lowPriority: true, render: (e) => <Caller name={e.caller} /> },
  { id: 'level', label: 'Level', lowPriority: true, render: (e) => <LevelBadge level={e.level} /> },
]

function EventLink({ event }: { event: ActivityView }) {
  const [params] = useUrlState()
  const query = new URLSearchParams(params)
  query.set('event', String(event.seq))
  return (
    <AppLink href={`?${query}`} scroll={false} prefetch={false}>
      {event.description || event.operationName}
    </AppLink>
  )
}

function Caller({ name }: { name: string }) {
  return (
    <span className={useStyles().caller} title={name}>
      {name}
    </span>
  )
}

/** What is done to a part of a resource, such as a role assignment on it, is shown at the resource. */
function ResourceLink({ event }: { event: ActivityView }) {
  const href = pathOfResource(event.resourceId)
  if (!href) return event.resourceName
  const [, name] = /\/providers\/[^/]+\/[^/]+\/([^/]+)/.exec(event.resourceId) ?? []
  return <AppLink href={href}>{name ?? event.resourceName}</AppLink>
}

function ActiveScopes(props: {
  resource?: string
  correlation?: string
  onClear: (name: 'resource' | 'correlation') => void
}) {
  if (!props.resource && !props.correlation) return null
  return (
    <TagGroup aria-label="Filters" onDismiss={(_, data) => props.onClear(data.value as 'resource' | 'correlation')}>
      {props.resource && (
        <Tag dismissible value="resource" size="small" dismissIcon={{ 'aria-label': 'Clear the filter by resource' }}>
          Resource: {props.resource.split('/').pop()}
        </Tag>
      )}
      {props.correlation && (
        <Tag
          dismissible
          value="correlation"
          size="small"
          dismissIcon={{ 'aria-label': 'Clear the filter by correlation' }}
        >
          Correlation: {props.correlation.slice(0, 8)}
        </Tag>
      )}
    </TagGroup>
  )
}

function ServerFilter(props: {
  label: string
  value: string
  options: [value: string, label: string][]
  onChange: (value: string) => void
}) {
  const styles = useStyles()
  const id = useId()
  return (
    <div className={styles.filter}>
      <label htmlFor={id}>{props.label}</label>
      <Select id={id} size="small" value={props.value} onChange={(_, data) => props.onChange(data.value)}>
        {props.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </div>
  )
}
