'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { QuestionCircleRegular } from '@fluentui/react-icons/svg/question-circle'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Instant } from '@/components/portal/instant'
import { ServerFrame } from '@/components/postgres/server/server-frame'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { Loaded } from '@/components/ui/loaded'
import { Panel, Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { StatusPill, type Tone } from '@/components/ui/status-pill'
import type { AvailabilityState, HealthPage } from '@/server/monitor/contract/health'
import { healthQuery } from './monitoring-query'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'grid',
    gridTemplateColumns: '280px 140px minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    '@media (max-width: 720px)': { gridTemplateColumns: '1fr' },
  },
  when: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

const LOOKS: Record<AvailabilityState, [Tone, ReactNode]> = {
  Available: ['success', <CheckmarkCircleFilled key="i" />],
  Degraded: ['warning', <WarningFilled key="i" />],
  Unavailable: ['danger', <ErrorCircleFilled key="i" />],
  Unknown: ['neutral', <QuestionCircleRegular key="i" />],
}

/** Health of one server as Azure Resource Health tells it, now and before. */
export function ServerHealth({ name }: { name: string }) {
  const query = useQuery(healthQuery(name))
  return (
    <ServerFrame name={name}>
      {() => (
        <Loaded query={query} label="resource health">
          {(page) => <Health page={page} />}
        </Loaded>
      )}
    </ServerFrame>
  )
}

function Health({ page }: { page: HealthPage }) {
  const styles = useStyles()
  const { current } = page
  return (
    <>
      <Section title="Health now">
        <Panel>
          <Essentials
            items={[
              { label: 'Health', value: <Badge state={current.state} /> },
              { label: 'Title', value: current.title },
              { label: 'Summary', value: current.summary },
              { label: 'Since', value: <Instant at={current.occurredAt} seconds /> },
              { label: 'Reason', value: current.reasonType },
              { label: 'Context', value: current.context },
              { label: 'Lasts', value: current.reasonChronicity },
            ]}
          />
        </Panel>
        <SimulatedNote>
          As in Azure, a server that lost its key is Inaccessible at once, while its resource health follows with the
          first connection that is refused.
        </SimulatedNote>
      </Section>
      {current.recommendedActions.length > 0 && (
        <Section title="What to do">
          <ul>
            {current.recommendedActions.map((a) => (
              <li key={a.action}>
                <div>{a.action}</div>
                {a.actionUrl && (
                  <div>
                    <AppLink href={a.actionUrl}>{a.actionUrlText}</AppLink>
                  </div>
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Health history">
        <ol className={styles.list}>
          {page.history.map((span) => (
            <li key={`${span.from} ${span.title}`} className={styles.item}>
              <span className={styles.when}>
                <Instant at={span.from} seconds /> to {span.until ? <Instant at={span.until} seconds /> : 'now'}
              </span>
              <Badge state={span.state} />
              <span>{span.summary}</span>
            </li>
          ))}
        </ol>
      </Section>
    </>
  )
}

function Badge({ state }: { state: AvailabilityState }) {
  const [tone, icon] = LOOKS[state]
  return (
    <StatusPill tone={tone} icon={icon}>
      {state}
    </StatusPill>
  )
}
