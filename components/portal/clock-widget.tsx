'use client'
import {
  Button,
  makeStyles,
  mergeClasses,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  ProgressBar,
  tokens,
} from '@fluentui/react-components'
import { ArrowNextRegular } from '@fluentui/react-icons/svg/arrow-next'
import { ClockRegular } from '@fluentui/react-icons/svg/clock'
import { useRef } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { bar } from '@/components/ui/theme'
import { useAction } from '@/components/ui/use-action'
import { advanceClock, advanceClockToNextEvent, changeClockRate } from '@/server/actions/clock'
import type { ClockView } from '@/server/clock/contract'
import type { Permission } from '@/server/identity/contract'
import type { ClockData } from '@/server/queries/clock'
import { useBarStyles } from './bar-styles'
import { Countdown, Instant } from './instant'
import { dateText, instantText } from './time-text'
import { useTickingNow } from './use-ticking-now'

const HOUR_SECONDS = 3_600
const RATES: [rate: number, label: string, meaning: string][] = [
  [0, 'Paused', 'The clock stands still'],
  [1, '×1', 'Real time'],
  [60, '×60', 'A minute each second'],
  [600, '×600', 'Ten minutes each second'],
]

const useStyles = makeStyles({
  face: { display: 'flex', alignItems: 'baseline', columnGap: '6px', fontVariantNumeric: 'tabular-nums' },
  date: { color: bar.muted, '@media (max-width: 600px)': { display: 'none' } },
  // For screen readers: a bare time in a top bar could be anything.
  spoken: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  rate: { color: bar.accent, fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold },
  surface: { width: 'min(360px, calc(100vw - 24px))', display: 'flex', flexDirection: 'column', rowGap: '16px' },
  big: {
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: 'tabular-nums',
  },
  muted: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  group: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalS },
  row: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  grow: { flexGrow: 1, minWidth: 0 },
})

/** The virtual clock: its face in the top bar, its controls behind it. */
export function ClockWidget({ clock, mayAdvance }: ClockData) {
  const styles = useStyles()
  const barStyles = useBarStyles()
  return (
    <Popover inline trapFocus withArrow positioning="below-end">
      <PopoverTrigger disableButtonEnhancement>
        <Button className={barStyles.button} appearance="transparent" icon={<ClockRegular />}>
          <span className={styles.spoken}>Virtual clock, </span>
          <span className={styles.face}>
            <ClockFace />
            <span className={styles.rate}>{rateText(clock)}</span>
          </span>
        </Button>
      </PopoverTrigger>
      <PopoverSurface className={styles.surface} aria-label="Virtual clock">
        <ClockPanel clock={clock} mayAdvance={mayAdvance} />
      </PopoverSurface>
    </Popover>
  )
}

function rateText(clock: ClockView): string {
  if (clock.advancingTo) return 'advancing'
  return clock.paused ? 'paused' : `×${clock.rate}`
}

function ClockFace() {
  const styles = useStyles()
  const now = useTickingNow()
  const time = instantText(now, true).split(', ')[1]
  return (
    <>
      <span className={styles.date}>{dateText(now)}</span>
      <span>{time}</span>
    </>
  )
}

function ClockPanel({ clock, mayAdvance }: { clock: ClockView; mayAdvance: Permission }) {
  const styles = useStyles()
  const now = useTickingNow()
  return (
    <>
      <div>
        <h2 className={styles.heading}>Virtual time</h2>
        <div className={styles.big}>{instantText(now, true)}</div>
        <div className={styles.muted}>UTC · {rateText(clock)}</div>
      </div>
      {clock.advancingTo && <AdvanceProgress clock={clock} to={clock.advancingTo} />}
      <RateGroup clock={clock} mayAdvance={mayAdvance} />
      <AdvanceGroup clock={clock} mayAdvance={mayAdvance} />
      <SimulatedNote>
        Azure has no clock to move. Here everything dated follows this one: key checks, expiry, rotation, retention.
      </SimulatedNote>
    </>
  )
}

function AdvanceProgress({ clock, to }: { clock: ClockView; to: string }) {
  const styles = useStyles()
  const start = useRef(clock.now)
  const [from, at, until] = [start.current, clock.now, to].map((t) => Date.parse(t)) as [number, number, number]
  return (
    <div className={styles.group}>
      <span>
        Advancing to <Instant at={to} />
      </span>
      <ProgressBar
        aria-label="Advance of the clock"
        value={until > from ? Math.min(1, (at - from) / (until - from)) : undefined}
      />
      <span className={styles.muted}>What falls due in between is done in order, each thing at its own time.</span>
    </div>
  )
}

function RateGroup({ clock, mayAdvance }: ClockData) {
  const styles = useStyles()
  const { run } = useAction(changeClockRate, {
    progress: 'Changing the rate of the clock',
    success: null,
    failure: 'The rate could not be changed',
    invalidate: [['clock']],
  })
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0 }} className={styles.group}>
      <legend className={styles.heading} style={{ marginBottom: 8, padding: 0 }}>
        Rate
      </legend>
      <div className={styles.row}>
        {RATES.map(([rate, label]) => (
          <PermissionButton
            key={rate}
            size="small"
            permission={mayAdvance}
            appearance={clock.rate === rate ? 'primary' : 'secondary'}
            aria-pressed={clock.rate === rate}
            onClick={() => void run({ rate })}
          >
            {label}
          </PermissionButton>
        ))}
      </div>
      <span className={styles.muted}>{RATES.find(([rate]) => rate === clock.rate)?.[2] ?? `×${clock.rate}`}</span>
    </fieldset>
  )
}

function AdvanceGroup({ clock, mayAdvance }: ClockData) {
  const styles = useStyles()
  const words = { success: null, failure: 'The clock could not be advanced', invalidate: [['clock']] }
  const advance = useAction(advanceClock, { progress: 'Advancing the clock', ...words })
  const toNext = useAction(() => advanceClockToNextEvent(), { progress: 'Advancing to the next event', ...words })
  const next = clock.nextEvent
  return (
    <div className={styles.group}>
      <h3 className={styles.heading}>Advance</h3>
      <div className={styles.row}>
        <PermissionButton
          size="small"
          permission={mayAdvance}
          onClick={() => void advance.run({ seconds: HOUR_SECONDS })}
        >
          +1 hour
        </PermissionButton>
        <PermissionButton
          size="small"
          permission={mayAdvance}
          onClick={() => void advance.run({ seconds: 24 * HOUR_SECONDS })}
        >
          +1 day
        </PermissionButton>
        <PermissionButton
          size="small"
          icon={<ArrowNextRegular />}
          permission={mayAdvance}
          disabledReason={next ? null : 'Nothing is planned.'}
          onClick={() => void toNext.run(undefined)}
        >
          To next event
        </PermissionButton>
      </div>
      {next && (
        <span className={mergeClasses(styles.muted, styles.grow)}>
          Next: {next.title}, <Instant at={next.at} /> (<Countdown to={next.at} done="in a moment" />)
        </span>
      )}
    </div>
  )
}
