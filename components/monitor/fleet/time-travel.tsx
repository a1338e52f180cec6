'use client'
import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Slider,
  tokens,
} from '@fluentui/react-components'
import { NextRegular } from '@fluentui/react-icons/svg/next'
import { PreviousRegular } from '@fluentui/react-icons/svg/previous'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { instantText } from '@/components/portal/time-text'
import { useTickingNow } from '@/components/portal/use-ticking-now'
import { useUrlState } from '@/components/ui/use-url-state'
import { Choice } from './choice'
import { lanesQuery } from './fleet-queries'
import { changesOf, neighbours } from './lanes-layout'
import { oneOf } from './views'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const STEPS = 1440
/** Real milliseconds of rest after which a moved slider asks the server. */
const REST_MS = 150

const SPANS = ['24', '168', '720', '8760'] as const
const SPAN_LABELS: Record<(typeof SPANS)[number], string> = {
  '24': '24 hours',
  '168': '7 days',
  '720': '30 days',
  '8760': '1 year',
}

const useStyles = makeStyles({
  root: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  slider: { flexGrow: 1, minWidth: '200px' },
})

/** Moves the grid back in time; `at` of the address is the instant, none is now. */
export function TimeTravel() {
  const styles = useStyles()
  const id = useId()
  const [params, change] = useUrlState()
  const now = useTickingNow(MINUTE_MS)
  const span = oneOf(SPANS, params.get('back'))
  const from = now - Number(span) * HOUR_MS
  const at = Number(params.get('at')) || null
  const [draft, setDraft] = useState<number | null>(null)
  const { data: lanes } = useQuery(lanesQuery({ hours: span, to: null, server: null }))
  const { before, after } = neighbours(lanes ? changesOf(lanes) : [], at ?? now)

  useEffect(() => {
    if (draft === null) return
    const timer = setTimeout(() => {
      change({ at: draft >= now ? null : String(draft) })
      setDraft(null)
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [draft, now, change])

  const value = Math.min(now, Math.max(from, draft ?? at ?? now))
  // Steps are counted, for the slider would mark each and cover its own rail.
  const step = Math.max(MINUTE_MS, (now - from) / STEPS)
  const text = value >= now ? 'Now' : `${instantText(value)} UTC`
  return (
    <>
      <div className={styles.root}>
        <label htmlFor={id}>Time</label>
        <Slider
          id={id}
          className={styles.slider}
          max={Math.ceil((now - from) / step)}
          value={Math.ceil((value - from) / step)}
          aria-valuetext={text}
          onChange={(_, data) => setDraft(Math.round(from + data.value * step))}
        />
        <span aria-hidden="true">{text}</span>
        <Button
          size="small"
          icon={<PreviousRegular />}
          disabledFocusable={before === null}
          title={before === null ? 'Nothing changed earlier in this span.' : undefined}
          onClick={() => before !== null && change({ at: String(before) })}
        >
          Earlier change
        </Button>
        <Button
          size="small"
          icon={<NextRegular />}
          disabledFocusable={at === null}
          title={at === null ? 'This is the present.' : undefined}
          onClick={() => at !== null && change({ at: after === null ? null : String(after) })}
        >
          Later change
        </Button>
        <Choice
          label="Reach"
          value={span}
          options={SPANS.map((value) => ({ value, label: SPAN_LABELS[value] }))}
          onChange={(back) => change({ back: back === SPANS[0] ? null : back })}
        />
      </div>
      {at !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            The fleet as it was on <Instant at={new Date(at).toISOString()} seconds /> UTC. Keys, vaults and regions are
            today’s.
          </MessageBarBody>
          <MessageBarActions>
            <Button size="small" onClick={() => change({ at: null })}>
              Back to now
            </Button>
          </MessageBarActions>
        </MessageBar>
      )}
    </>
  )
}
