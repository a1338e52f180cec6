'use client'
import dynamic from 'next/dynamic'
import type { AdvisorView } from '@/server/advisor/contract'
import type { MetricValuesView } from '@/server/metrics/contract'

const MetricChart = dynamic(() => import('./metric-chart').then((m) => m.MetricChart), { ssr: false })

/** The fleet's score over time, drawn as any metric is. */
export function ScoreChart({ history }: { history: AdvisorView['history'] }) {
  const points = history.map(({ at, score }) => ({
    atMs: Date.parse(at),
    count: 1,
    ...{ total: score, minimum: score, maximum: score },
  }))
  const metric: MetricValuesView['metric'] = {
    ...{ namespace: '', name: 'score', displayName: 'Score of the fleet', description: '', unit: 'Percent' },
    ...{ primaryAggregation: 'Average', aggregations: ['Average'], dimensions: [], source: 'samples', ours: true },
  }
  const [from, to] = [history[0]?.at ?? '', history.at(-1)?.at ?? '']
  return <MetricChart values={{ metric, from, to, intervalSeconds: 6 * 3600, series: [{ dimensions: {}, points }] }} />
}
