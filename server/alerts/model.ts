import type { ActionGroupReceivers, ActivityCondition, MetricCondition } from './contract'

export const SEVERITIES = ['Critical', 'Error', 'Warning', 'Informational', 'Verbose'] as const
export const ALERT_STATES = ['New', 'Acknowledged', 'Closed'] as const
export type AlertState = (typeof ALERT_STATES)[number]
export const MONITOR_CONDITIONS = ['Fired', 'Resolved'] as const
export type MonitorCondition = (typeof MONITOR_CONDITIONS)[number]

export const RULE_TYPES = {
  ActivityLog: 'Microsoft.Insights/activityLogAlerts',
  Metric: 'Microsoft.Insights/metricAlerts',
} as const
export type RuleKind = keyof typeof RULE_TYPES
export const ACTION_GROUP_TYPE = 'Microsoft.Insights/actionGroups'
export const PROCESSING_RULE_TYPE = 'Microsoft.AlertsManagement/actionRules'
export const ALERTS_READ = 'Microsoft.AlertsManagement/alerts/read'
export const ALERTS_CHANGE = 'Microsoft.AlertsManagement/alerts/changestate/action'

type Place = { id: string; tenantId: string; subscriptionId: string; resourceGroup: string; name: string }

/** An alert rule as stored; the condition follows the kind. */
export type AlertRule = Place & {
  description: string
  enabled: boolean
  severity: number
  scopes: string[]
  actionGroupIds: string[]
  autoMitigate: boolean
  windowMinutes: number
  frequencyMinutes: number
  tags: Record<string, string>
  createdAt: Date
  createdBy: string
  evaluatedAt: Date | null
} & ({ kind: 'ActivityLog'; condition: ActivityCondition } | { kind: 'Metric'; condition: MetricCondition })

export type ActionGroup = Place & {
  shortName: string
  enabled: boolean
  receivers: ActionGroupReceivers
  sealedSecrets: Uint8Array | null
  tags: Record<string, string>
  createdAt: Date
}

export type ProcessingRule = Place & {
  description: string
  enabled: boolean
  scopes: string[]
  severities: number[]
  ruleIds: string[]
  startsAt: Date | null
  endsAt: Date | null
  createdAt: Date
}

export type Alert = {
  id: string
  tenantId: string
  ruleId: string
  ruleName: string
  severity: number
  signalType: 'Activity Log' | 'Metric'
  monitoringService: string
  targetId: string
  targetType: string
  title: string
  description: string
  condition: MonitorCondition
  state: AlertState
  stateChangedBy: string | null
  firedAt: Date
  lastFiredAt: Date
  resolvedAt: Date | null
  occurrences: number
  suppressedBy: string | null
  dedupTag: string | null
  context: Record<string, unknown>
}

export const CHANNELS = ['Webhook', 'Email', 'Inbox'] as const
export type Channel = (typeof CHANNELS)[number]
export type Occasion = MonitorCondition | 'Test'
export const DELIVERY_STATUSES = ['Pending', 'Delivered', 'Undeliverable', 'Failed'] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

export type Delivery = {
  id: string
  tenantId: string
  alertId: string | null
  actionGroupId: string
  channel: Channel
  receiver: string
  target: string
  occasion: Occasion
  payload: CommonAlert
  status: DeliveryStatus
  attempts: number
  nextAttemptMs: number
  createdAt: Date
  endedAt: Date | null
  lastError: string | null
}

/** The common alert schema, version 1.0. */
export type CommonAlert = {
  schemaId: 'azureMonitorCommonAlertSchema'
  data: {
    essentials: Record<string, unknown>
    alertContext: Record<string, unknown>
    customProperties: Record<string, string> | null
  }
}

/** Real milliseconds to wait after the first, second, ... failed attempt; after the last one it is given up. */
export const BACK_OFF_MS = [5_000, 20_000, 60_000, 300_000]
/** An attempt that has not ended by then died with its engine, and is made again. */
export const ATTEMPT_LEASE_MS = 30_000
export const WEBHOOK_TIMEOUT_MS = 10_000

/** What an attempt came to. */
export type AttemptOutcome = {
  succeeded: boolean
  /** False for what the same attempt would meet again. */
  retry: boolean
  answer: number | null
  message: string
}
