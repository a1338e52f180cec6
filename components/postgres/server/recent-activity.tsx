'use client'
import {
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components'
import { LevelBadge } from '@/components/activity/level-badge'
import { RelativeTime } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import type { ActivityView } from '@/server/activity/contract'

const SHOWN = 8

const useStyles = makeStyles({
  frame: {
    overflowX: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  table: { tableLayout: 'auto', minWidth: '560px' },
})

/** The latest entries of the activity log about one resource. */
export function RecentActivity({ resourceId, events }: { resourceId: string; events: ActivityView[] }) {
  const styles = useStyles()
  return (
    <Section
      title="Recent activity"
      aside={<AppLink href={paths.activity({ resource: resourceId })}>Whole activity log</AppLink>}
    >
      {events.length === 0 ? (
        <EmptyState title="Nothing yet" text="Or the person you act as may not read the activity log here." />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard.
        <section className={styles.frame} aria-label="Recent activity table" tabIndex={0}>
          <Table size="small" aria-label="Recent activity" className={styles.table}>
            <TableHeader>
              <TableRow>
                <TableHeaderCell>Event</TableHeaderCell>
                <TableHeaderCell>Status</TableHeaderCell>
                <TableHeaderCell>Level</TableHeaderCell>
                <TableHeaderCell>By</TableHeaderCell>
                <TableHeaderCell>When</TableHeaderCell>
              </TableRow>
            </TableHeader>
            <TableBody>
              {events.slice(0, SHOWN).map((event) => (
                <TableRow key={event.id}>
                  <TableCell>
                    <AppLink href={paths.activity({ resource: resourceId, event: String(event.seq) })}>
                      {event.description || event.operationName}
                    </AppLink>
                  </TableCell>
                  <TableCell>{event.status}</TableCell>
                  <TableCell>
                    <LevelBadge level={event.level} />
                  </TableCell>
                  <TableCell>{event.caller}</TableCell>
                  <TableCell>
                    <RelativeTime at={event.at} />
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </section>
      )}
    </Section>
  )
}
