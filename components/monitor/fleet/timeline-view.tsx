'use client'
import { Button, MessageBar, makeStyles, tokens } from '@fluentui/react-components'
import { ArrowLeftRegular } from '@fluentui/react-icons/svg/arrow-left'
import { ArrowRightRegular } from '@fluentui/react-icons/svg/arrow-right'
import { useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { Loaded } from '@/components/ui/loaded'
import { EmptyState } from '@/components/ui/states'
import { useTheme } from '@/components/ui/theme-context'
import { useUrlState } from '@/components/ui/use-url-state'
import type { SwimlanesView } from '@/server/monitor/contract/fleet'
import { Choice } from './choice'
import { pngOfSvg } from './download'
import { EpisodeTable } from './episode-table'
import { ExportMenu } from './export-menu'
import { sheetOfLanes } from './export-text'
import { lanesQuery } from './fleet-queries'
import { LanesChart } from './lanes-chart'
import { paletteOf } from './tile-paint'
import { useWidth } from './use-width'
import { oneOf } from './views'

const HOUR_MS = 3_600_000
const SPANS = ['24', '1', '6', '72', '168', '720', '8760'] as const
const SPAN_LABELS: Record<(typeof SPANS)[number], string> = {
  '1': '1 hour',
  '6': '6 hours',
  '24': '24 hours',
  '72': '3 days',
  '168': '7 days',
  '720': '30 days',
  '8760': '1 year',
}
const ORDER = [...SPANS].sort((a, b) => Number(a) - Number(b))

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, minWidth: 0 },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  box: {
    overflowX: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
})

/** The states of servers over time, with what happened to their keys. */
export function TimelineView() {
  const styles = useStyles()
  const [params] = useUrlState()
  const hours = oneOf(SPANS, params.get('hours'))
  const query = useQuery(lanesQuery({ hours, to: params.get('to'), server: params.get('server') }))
  return (
    <div className={styles.root}>
      <Loaded query={query} label="the timeline">
        {(view) => <Timeline view={view} hours={hours} />}
      </Loaded>
    </div>
  )
}

function Timeline({ view, hours }: { view: SwimlanesView; hours: string }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const colors = paletteOf(useTheme().name)
  const chart = useRef<SVGSVGElement>(null)
  const [box, width] = useWidth<HTMLElement>()
  const present = !params.get('to')
  const move = (by: number) => change({ to: String(Math.round(view.toMs + (by * Number(hours) * HOUR_MS) / 2)) })
  return (
    <>
      <div className={styles.tools}>
        <Choice
          label="Span"
          value={hours}
          options={ORDER.map((value) => ({ value, label: SPAN_LABELS[value] }))}
          onChange={(value) => change({ hours: value === SPANS[0] ? null : value })}
        />
        <Button size="small" icon={<ArrowLeftRegular />} onClick={() => move(-1)}>
          Earlier
        </Button>
        <Button
          size="small"
          icon={<ArrowRightRegular />}
          disabledFocusable={present}
          title={present ? 'The span ends now.' : undefined}
          onClick={() => !present && move(1)}
        >
          Later
        </Button>
        {!present && (
          <Button size="small" onClick={() => change({ to: null })}>
            Back to now
          </Button>
        )}
        <ExportMenu
          name="fleet-timeline"
          sheet={() => sheetOfLanes(view)}
          png={() => pngOfSvg(chart.current!, colors.background)}
        />
      </div>
      {view.truncated && (
        <MessageBar intent="info">
          Not everything fits: servers that changed most and the latest events are shown.
        </MessageBar>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard. */}
      <section ref={box} className={styles.box} aria-label="Timeline of the fleet" tabIndex={0}>
        {view.lanes.length === 0 && (
          <EmptyState title="No server in this span" text="Choose a longer span, or one that ends later." />
        )}
        {width && view.lanes.length > 0 && (
          <LanesChart ref={chart} view={view} width={Math.max(720, width)} colors={colors} />
        )}
      </section>
      <EpisodeTable view={view} />
    </>
  )
}
