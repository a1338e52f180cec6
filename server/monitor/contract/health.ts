export const AVAILABILITY_STATES = ['Available', 'Degraded', 'Unavailable', 'Unknown'] as const
export type AvailabilityState = (typeof AVAILABILITY_STATES)[number]

export type RecommendedAction = { action: string; actionUrl: string | null; actionUrlText: string | null }

/** Resource health in Azure's terms. Instants are ISO 8601 virtual time. */
export type HealthView = {
  state: AvailabilityState
  title: string
  summary: string
  /** Empty while available. */
  reasonType: '' | 'Unplanned' | 'Planned' | 'UserInitiated'
  reasonChronicity: 'Transient' | 'Persistent'
  /** Customer or platform. */
  context: '' | 'Customer Initiated' | 'Platform Initiated'
  occurredAt: string
  reportedAt: string
  recommendedActions: RecommendedAction[]
}

/** One span of a resource's health; `until` is null for the present one. */
export type HealthSpan = Pick<HealthView, 'state' | 'title' | 'summary'> & { from: string; until: string | null }
export type HealthPage = { current: HealthView; history: HealthSpan[] }
