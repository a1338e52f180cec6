'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '@/components/portal/api'
import { Instant } from '@/components/portal/instant'
import { pathOfResource, paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { CopyButton } from '@/components/ui/copy-button'
import { Essentials } from '@/components/ui/essentials'
import { Pane } from '@/components/ui/pane'
import { EmptyState, ErrorState, PageSkeleton } from '@/components/ui/states'
import type { ActivityView } from '@/server/activity/contract'
import { activityEventQuery } from './activity-query'
import { LevelBadge } from './level-badge'

const useStyles = makeStyles({
  head: { display: 'flex', alignItems: 'center', justifyContent: 'space-between' },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  json: {
    margin: 0,
    padding: tokens.spacingHorizontalM,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
})

/** One entry of the activity log, as facts and as JSON. */
export function ActivityPane({ seq, onClose }: { seq: number | null; onClose: () => void }) {
  const { data, error, isPending, refetch } = useQuery({ ...activityEventQuery(seq ?? 0), enabled: seq !== null })
  return (
    <Pane
      open={seq !== null}
      onClose={onClose}
      title={data?.description || data?.operationName || 'Event'}
      size="large"
    >
      {data && <EventFacts event={data} />}
      {error && <ErrorState message={errorText(error)!} onRetry={() => void refetch()} />}
      {isPending && !error && <PageSkeleton label="Loading the event" />}
      {data === null && (
        <EmptyState
          title="There is no such event"
          text="Or the person you act as may not read the scope it happened at."
        />
      )}
    </Pane>
  )
}

function EventFacts({ event }: { event: ActivityView }) {
  const styles = useStyles()
  const page = pathOfResource(event.resourceId)
  const json = JSON.stringify(event, null, 2)
  return (
    <>
      <Essentials
        items={[
          { label: 'Operation', value: event.operationName },
          { label: 'Status', value: event.status },
          { label: 'Level', value: <LevelBadge level={event.level} /> },
          { label: 'Time', value: <Instant at={event.at} seconds /> },
          { label: 'By', value: event.caller },
          { label: 'Resource', value: page ? <AppLink href={page}>{event.resourceName}</AppLink> : event.resourceName },
          { label: 'Resource id', value: event.resourceId, copy: event.resourceId },
          {
            label: 'Correlation id',
            value: (
              <AppLink href={`${paths.activity()}?correlation=${event.correlationId}`}>{event.correlationId}</AppLink>
            ),
            copy: event.correlationId,
          },
          ...(event.operationId
            ? [
                {
                  label: 'Deployment',
                  value: <AppLink href={paths.deployment(event.operationId)}>{event.operationId}</AppLink>,
                },
              ]
            : []),
        ]}
      />
      <div className={styles.head}>
        <h3 className={styles.heading}>JSON</h3>
        <CopyButton value={json} label="Copy JSON" />
      </div>
      <pre className={styles.json}>{json}</pre>
    </>
  )
}
