'use client'
import { LineChart, ResponsiveContainer } from '@fluentui/react-charts'
import { makeStyles, tokens } from '@fluentui/react-components'
import { aggregate, type MetricValuesView } from '@/server/metrics/contract'

const HEIGHT = 220
const COLORS = [
  tokens.colorBrandForeground1,
  tokens.colorPaletteDarkOrangeForeground1,
  tokens.colorPaletteGreenForeground1,
  tokens.colorPaletteBerryForeground1,
  tokens.colorPaletteTealForeground2,
  tokens.colorPaletteGoldForeground2,
]

const useStyles = makeStyles({ chart: { height: `${HEIGHT}px`, width: '100%', overflow: 'hidden' } })

/** Lines of one metric, a line for each series. */
export function MetricChart({ values }: { values: MetricValuesView }) {
  const styles = useStyles()
  const { metric, series } = values
  const lines = series.map((s, i) => ({
    legend: Object.values(s.dimensions).join(', ') || metric.displayName,
    color: COLORS[i % COLORS.length],
    data: s.points.map((point) => ({
      x: new Date(point.atMs),
      y: aggregate(point, metric.primaryAggregation) ?? 0,
    })),
  }))
  return (
    <div className={styles.chart}>
      <ResponsiveContainer height={HEIGHT}>
        <LineChart
          data={{ chartTitle: `${metric.displayName} over time`, lineChartData: lines }}
          hideLegend={lines.length < 2}
          yAxisTickCount={4}
          useUTC
          culture="en"
          margins={{ left: 56, top: 12, bottom: 32, right: 48 }}
          yMaxValue={metric.unit === 'Percent' ? 100 : undefined}
          enabledLegendsWrapLines
        />
      </ResponsiveContainer>
    </div>
  )
}
