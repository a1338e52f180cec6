import { z } from 'zod'

/** Longest single advance: 400 days, in seconds. */
export const MAX_ADVANCE_SECONDS = 400 * 24 * 3600
export const MAX_RATE = 86_400

export const advanceInput = z.object({
  seconds: z
    .number({ error: 'Give the number of seconds to advance.' })
    .int('Give whole seconds.')
    .min(1, 'The clock only moves forward: give at least 1 second.')
    .max(MAX_ADVANCE_SECONDS, `Advance by at most ${MAX_ADVANCE_SECONDS} seconds (400 days) at once.`),
})

export const rateInput = z.object({
  rate: z
    .number({ error: 'Give the rate as a number; 0 pauses the clock.' })
    .min(0, 'The rate cannot be negative; 0 pauses the clock.')
    .max(MAX_RATE, `The rate is at most ${MAX_RATE} (one day a second).`),
})

/** The tenant's clock as doors show it. Instants are ISO 8601; `rate` is virtual seconds for each real second. */
export type ClockView = {
  now: string
  rate: number
  paused: boolean
  advancingTo: string | null
  nextEvent: { at: string; kind: string; title: string } | null
}
