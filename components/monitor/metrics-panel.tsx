'use client'
import { Field, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { Loaded } from '@/components/ui/loaded'
import { Panel, Section } from '@/components/ui/section'
import { useUrlState } from '@/components/ui/use-url-state'
import type { MetricValuesView } from '@/server/metrics/contract'
import { aggregate } from '@/server/metrics/contract'
import { metricsQuery } from './monitoring-query'

/** Drawn in the browser only: a chart measures the room that it has. */
const MetricChart = dynamic(() => import('./metric-chart').then((m) => m.MetricChart), { ssr: false })

const SPANS: [hours: number, label: string][] = [
  [1, 'Last hour'],
  [24, 'Last day'],
  [168, 'Last week'],
  [720, 'Last 30 days'],
  [2232, 'Last 93 days'],
]

const useStyles = makeStyles({
  tools: { display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalL },
  grid: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(420px, 100%), 1fr))',
    gap: tokens.spacingHorizontalL,
  },
  note: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, margin: 0 },
})

/** Every metric of a resource as a chart, on the clock's axis. */
export function MetricsPanel({ resourceId }: { resourceId: string }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const hours = Number(params.get('hours')) || 24
  const split = params.get('split') ?? ''
  const query = useQuery(metricsQuery(resourceId, hours, split))
  const dimensions = [...new Set(query.data?.metrics.filter((m) => !m.ours).flatMap((m) => m.dimensions) ?? [])]
  return (
    <>
      <div className={styles.tools}>
        <Field label="Time span" orientation="horizontal">
          <Select value={String(hours)} onChange={(_, data) => change({ hours: data.value })}>
            {SPANS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        {dimensions.length > 0 && (
          <Field label="Split by" orientation="horizontal">
            <Select value={split} onChange={(_, data) => change({ split: data.value })}>
              <option value="">Nothing</option>
              {dimensions.map((d) => (
                <option key={d}>{d}</option>
              ))}
            </Select>
          </Field>
        )}
      </div>
      <Loaded query={query} label="metrics">
        {(page) => (
          <div className={styles.grid}>
            {page.values.map((values) => (
              <OneMetric key={values.metric.name} values={values} />
            ))}
          </div>
        )}
      </Loaded>
    </>
  )
}

function OneMetric({ values }: { values: MetricValuesView }) {
  const styles = useStyles()
  const { metric, series, intervalSeconds } = values
  const last = series[0]?.points.at(-1)
  const latest = last ? aggregate(last, metric.primaryAggregation) : null
  const grain = intervalSeconds >= 3600 ? `${intervalSeconds / 3600} h` : `${intervalSeconds / 60} min`
  return (
    <Section
      title={metric.displayName}
      aside={metric.ours ? <span className={styles.note}>Simulated: ours</span> : null}
    >
      <Panel>
        <p className={styles.note}>
          {metric.description} {metric.primaryAggregation} of {grain}
          {latest === null
            ? '.'
            : `; latest ${latest.toLocaleString('en', { maximumFractionDigits: 2 })} ${metric.unit}.`}
        </p>
        {series.some((s) => s.points.length > 0) ? (
          <MetricChart values={values} />
        ) : (
          <p className={styles.note}>Nothing was measured in this span.</p>
        )}
      </Panel>
    </Section>
  )
}
