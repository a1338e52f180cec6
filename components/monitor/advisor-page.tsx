'use client'
import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { LightbulbRegular } from '@fluentui/react-icons/svg/lightbulb'
import { QuestionCircleRegular } from '@fluentui/react-icons/svg/question-circle'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { errorText, getJson } from '@/components/portal/api'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { Pane } from '@/components/ui/pane'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Panel, Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import { StatusPill, type Tone } from '@/components/ui/status-pill'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { followAdvice } from '@/server/actions/advisor'
import type { AdviceStatus, AdviceView, AdvisorView, ServerAdvice } from '@/server/advisor/contract'
import { ScoreChart } from './score-chart'

const advisorQuery = queryOptions({
  queryKey: ['advisor'],
  queryFn: ({ signal }) => getJson<AdvisorView>('advisor', signal),
})

const useStyles = makeStyles({
  score: {
    fontSize: tokens.fontSizeHero700,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: 'tabular-nums',
  },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: tokens.spacingVerticalXS,
    padding: `${tokens.spacingVerticalM} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  title: { fontWeight: tokens.fontWeightSemibold },
  small: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  fix: { alignSelf: 'flex-start' },
})

const LOOKS: Record<AdviceStatus, [Tone, ReactNode, string]> = {
  pass: ['success', <CheckmarkCircleFilled key="i" />, 'Followed'],
  fail: ['warning', <WarningFilled key="i" />, 'Not followed'],
  unknown: ['neutral', <QuestionCircleRegular key="i" />, 'Unknown'],
}

const URGENCY: AdviceStatus[] = ['fail', 'unknown', 'pass']
const byUrgency = (a: AdviceView, b: AdviceView) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status)

/** How well the fleet follows the recommendations for customer-managed keys, and what to do. */
export function AdvisorPage() {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const { data, error, refetch } = useQuery(advisorQuery)
  const server = data?.servers.find((s) => s.name === params.get('server')) ?? null
  return (
    <Blade
      title="Advisor"
      subtitle="Recommendations for servers with customer-managed keys"
      icon={<LightbulbRegular />}
      breadcrumb={[{ label: 'Home', href: paths.home() }]}
    >
      {data && data.score !== null && (
        <Section title="Score of the fleet">
          <Panel>
            <span className={styles.score}>{data.score} %</span>
            {data.history.length > 1 && <ScoreChart history={data.history} />}
          </Panel>
        </Section>
      )}
      <ResourceTable
        label="servers"
        rows={data?.servers}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(s) => s.serverId}
        columns={COLUMNS}
        searchText={(s) => s.name}
        defaultSort={{ column: 'score' }}
        empty={
          <EmptyState
            icon={<LightbulbRegular />}
            title="Nothing to advise"
            text="No server with a customer-managed key, or you may read none."
          />
        }
      />
      <Pane
        open={server !== null}
        onClose={() => change({ server: null })}
        title={server ? `Recommendations for ${server.name}` : ''}
        footer={<Button onClick={() => change({ server: null })}>Close</Button>}
      >
        {server && (
          <ul className={styles.list}>
            {[...server.checks].sort(byUrgency).map((check) => (
              <Check key={check.id} serverId={server.serverId} check={check} />
            ))}
          </ul>
        )}
      </Pane>
    </Blade>
  )
}

function Check({ serverId, check }: { serverId: string; check: AdviceView }) {
  const styles = useStyles()
  const [tone, icon, word] = LOOKS[check.status]
  const { run, busy } = useAction(followAdvice, {
    progress: check.title,
    success: 'Done',
    failure: 'It could not be done',
    invalidate: [['advisor'], ['keys'], ['alerts']],
  })
  return (
    <li className={styles.item}>
      <span className={styles.title}>{check.title}</span>
      <StatusPill tone={tone} icon={icon}>
        {word}
      </StatusPill>
      <span>{check.evidence}</span>
      <span className={styles.small}>{check.why}</span>
      {check.fix && (
        <PermissionButton
          className={styles.fix}
          size="small"
          permission={check.fix.permission}
          disabledReason={busy ? 'It is being done.' : null}
          onClick={() => void run({ serverId, check: check.id })}
        >
          {check.fix.label}
        </PermissionButton>
      )}
    </li>
  )
}

const COLUMNS: TableColumn<ServerAdvice>[] = [
  {
    id: 'name',
    label: 'Server',
    sortValue: (s) => s.name,
    render: (s) => (
      <AppLink href={`?server=${encodeURIComponent(s.name)}`} scroll={false} prefetch={false}>
        {s.name}
      </AppLink>
    ),
  },
  { id: 'score', label: 'Score', sortValue: (s) => s.score, render: (s) => `${s.score} %` },
  { id: 'failed', label: 'Not followed', sortValue: (s) => s.failed, render: (s) => s.failed },
  {
    id: 'page',
    label: 'Page',
    lowPriority: true,
    render: (s) => <AppLink href={paths.server(s.name)}>Overview</AppLink>,
  },
]
