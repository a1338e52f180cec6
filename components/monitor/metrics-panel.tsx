'use client'
import { makeStyles, Select, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useId } from 'react'
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
  choice: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
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
        <Choice
          label="Time span"
          value={String(hours)}
          options={SPANS.map(([value, label]) => [String(value), label])}
          onChange={(value) => change({ hours: value })}
        />
        {dimensions.length > 0 && (
          <Choice
            label="Split by"
            value={split}
            options={[['', 'Nothing'], ...dimensions.map((d): [string, string] => [d, d])]}
            onChange={(value) => change({ split: value })}
          />
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

function Choice(props: {
  label: string
  value: string
  options: [value: string, label: string][]
  onChange: (value: string) => void
}) {
  const styles = useStyles()
  const id = useId()
  return (
    <div className={styles.choice}>
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
