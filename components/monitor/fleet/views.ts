/** The views of the fleet, as the address names them; the table comes without a name. */
export const FLEET_VIEWS = ['table', 'grid', 'timeline', 'expiry', 'chain', 'impact'] as const
export type FleetViewName = (typeof FLEET_VIEWS)[number]

export const VIEW_LABELS: Record<FleetViewName, string> = {
  table: 'Table',
  grid: 'Grid',
  timeline: 'Timeline',
  expiry: 'Expiry horizon',
  chain: 'Key chain',
  impact: 'Blast radius',
}

export const viewOf = (name: string | null | undefined): FleetViewName =>
  FLEET_VIEWS.find((view) => view === name) ?? 'table'

/** A value of the address if it is one of those known, else the first of them. */
export const oneOf = <T extends string>(known: readonly T[], value: string | null, or: T = known[0]!): T =>
  known.find((k) => k === value) ?? or
