import { z } from 'zod'
import type { Permission } from '@/server/identity/contract'
import { AGGREGATIONS, METRICS } from '@/server/metrics/model'
import type { AlertState, Channel, DeliveryStatus, MonitorCondition, Occasion, RuleKind } from './model'

const text = z.string().trim()

/** One test of an activity-log entry: a field, and what it must be. */
export const activityLeaf = z.union([
  z.object({ field: text.min(1, 'Name the field.'), equals: text.min(1, 'Give the value.') }).strict(),
  z
    .object({ field: text.min(1, 'Name the field.'), containsAny: z.array(text.min(1)).min(1, 'Give a value.') })
    .strict(),
])
export type ActivityLeaf = z.infer<typeof activityLeaf>

const activityTest = z.union([
  activityLeaf,
  z.object({ anyOf: z.array(activityLeaf).min(1, 'Give a condition.') }).strict(),
])
export type ActivityTest = z.infer<typeof activityTest>

export const ACTIVITY_FIELDS = [
  'category',
  'operationName',
  'status',
  'subStatus',
  'level',
  'caller',
  'resourceId',
  'resourceType',
  'resourceGroup',
  'description',
] as const

const isField = (name: string) =>
  ACTIVITY_FIELDS.some((f) => f.toLowerCase() === name.toLowerCase()) || /^properties\.[\w.]+$/i.test(name)
const leavesOf = (test: ActivityTest): ActivityLeaf[] => ('anyOf' in test ? test.anyOf : [test])

export const activityCondition = z
  .object({
    allOf: z.array(activityTest).min(1, 'Give a condition.').max(10, 'At most 10 conditions.'),
    /** What resolves an alert of the same target; null: it is closed by people. */
    resolveWhen: z.array(activityTest).max(10).nullable().default(null),
  })
  .superRefine(({ allOf, resolveWhen }, ctx) => {
    const leaves = [...allOf, ...(resolveWhen ?? [])].flatMap(leavesOf)
    for (const { field } of leaves) {
      if (!isField(field)) ctx.addIssue({ code: 'custom', path: ['allOf'], message: `There is no field '${field}'.` })
    }
    if (!allOf.flatMap(leavesOf).some((leaf) => leaf.field.toLowerCase() === 'category'))
      ctx.addIssue({ code: 'custom', path: ['allOf'], message: 'One condition must be on the category.' })
  })
export type ActivityCondition = z.infer<typeof activityCondition>

export const OPERATORS = ['GreaterThan', 'GreaterThanOrEqual', 'LessThan', 'LessThanOrEqual', 'Equals'] as const
export type Operator = (typeof OPERATORS)[number]

export const metricCriterion = z
  .object({
    name: text.min(1).default('Condition'),
    metricNamespace: text,
    metricName: text,
    operator: z.enum(OPERATORS, { error: 'Choose how to compare.' }),
    threshold: z.number({ error: 'Give the threshold as a number.' }),
    timeAggregation: z.enum(AGGREGATIONS, { error: 'Choose an aggregation.' }),
    dimensions: z
      .array(
        z.object({
          name: text,
          operator: z.enum(['Include', 'Exclude']),
          values: z.array(text.min(1)).min(1, 'Give a value, or * for each.'),
        }),
      )
      .max(10)
      .default([]),
  })
  .superRefine((c, ctx) => {
    const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()
    const metric = METRICS.find((m) => same(m.namespace, c.metricNamespace) && same(m.name, c.metricName))
    const issue = (path: string[], message: string) => ctx.addIssue({ code: 'custom', path, message })
    if (!metric) return issue(['metricName'], 'Choose a metric.')
    if (!metric.aggregations.includes(c.timeAggregation))
      issue(['timeAggregation'], `This metric offers ${metric.aggregations.join(', ')}.`)
    for (const d of c.dimensions)
      if (!metric.dimensions.some((name) => same(name, d.name))) issue(['dimensions'], `It has no dimension ${d.name}.`)
  })
export type MetricCriterion = z.infer<typeof metricCriterion>

export const metricCondition = z.object({
  allOf: z.array(metricCriterion).min(1, 'Give a condition.').max(5, 'At most 5 conditions.'),
})
export type MetricCondition = z.infer<typeof metricCondition>

const place = {
  subscriptionId: z.uuid('Choose a subscription.'),
  resourceGroup: text.min(1, 'Choose a resource group.'),
  name: text
    .min(1, 'Give it a name.')
    .max(260, 'A name has at most 260 characters.')
    .regex(/^[^<>*%&:?/\\#+]*$/, 'A name cannot hold < > * % & : ? / \\ # +.'),
}
const scopes = z.array(text.startsWith('/', 'A scope is a resource id.')).min(1, 'Choose what it is about.')
const tags = z.record(z.string(), z.string()).default({})

const ruleBase = {
  ...place,
  description: text.max(1000, 'At most 1,000 characters.').default(''),
  enabled: z.boolean().default(true),
  severity: z.number().int().min(0, 'Severity is 0 to 4.').max(4, 'Severity is 0 to 4.'),
  scopes,
  actionGroupIds: z.array(text).max(5, 'At most 5 action groups.').default([]),
  tags,
}

const _WINDOWS = [5, 15, 30, 60, 360, 720, 1440, 2880]

export const alertRuleInput = z.discriminatedUnion('kind', [
  z.object({ ...ruleBase, kind: z.literal('ActivityLog'), condition: activityCondition }),
  z.object({
    ...ruleBase,
    kind: z.literal('Metric'),
    condition: metricCondition,
    autoMitigate: z.boolean().default(true),
    windowMinutes: z
      .number()
      .int()
      .min(1, 'A window has 1 minute to 2 days.')
      .max(2880, 'A window has 1 minute to 2 days.'),
    frequencyMinutes: z.number().int().min(1, 'A rule is evaluated every 1 to 1,440 minutes.').max(1440),
  }),
])
export type AlertRuleDraft = z.input<typeof alertRuleInput>

export type AlertRuleView = {
  id: string
  name: string
  kind: RuleKind
  subscriptionId: string
  resourceGroup: string
  description: string
  enabled: boolean
  severity: number
  scopes: string[]
  condition: ActivityCondition | MetricCondition
  actionGroupIds: string[]
  autoMitigate: boolean
  windowMinutes: number
  frequencyMinutes: number
  tags: Record<string, string>
  createdAt: string
  createdBy: string
  evaluatedAt: string | null
  permissions: Record<'write' | 'delete', Permission>
}

/** The fault in a webhook's address, in words for the field beside it; null when it may be called. */
export function webhookProblem(address: string): string | null {
  if (!URL.canParse(address)) return 'Give an address such as https://hooks.example.com/portcullis.'
  const url = new URL(address)
  if (!['http:', 'https:'].includes(url.protocol)) return 'Only http and https addresses are called.'
  if (url.username || url.password) return 'Leave user and password out of the address: requests are signed instead.'
  if (/^\[?fe[89ab][0-9a-f]:|^169\.254\./i.test(url.hostname)) return 'Link-local addresses are never called.'
  return null
}

const receiverName = text.min(1, 'Name the receiver.').max(128, 'At most 128 characters.')
const webhookReceiver = z.object({
  name: receiverName,
  serviceUri: text.superRefine((value, ctx) => {
    const message = webhookProblem(value)
    if (message) ctx.addIssue({ code: 'custom', message })
  }),
  useCommonAlertSchema: z.boolean().default(true),
})
const emailReceiver = z.object({
  name: receiverName,
  emailAddress: z.email('Give an e-mail address.'),
  useCommonAlertSchema: z.boolean().default(true),
})
const inboxReceiver = z.object({ name: receiverName })

export const actionGroupReceivers = z
  .object({
    webhooks: z.array(webhookReceiver).max(10, 'At most 10 webhooks.').default([]),
    emails: z.array(emailReceiver).max(1000).default([]),
    inboxes: z.array(inboxReceiver).max(1, 'There is one inbox.').default([]),
  })
  .superRefine(({ webhooks, emails, inboxes }, ctx) => {
    const names = [...webhooks, ...emails, ...inboxes].map((r) => r.name.toLowerCase())
    const twice = names.find((name, i) => names.indexOf(name) !== i)
    if (twice) ctx.addIssue({ code: 'custom', path: ['webhooks'], message: `Two receivers are named ${twice}.` })
  })
export type ActionGroupReceivers = z.infer<typeof actionGroupReceivers>

export const actionGroupInput = z.object({
  ...place,
  shortName: text.min(1, 'Give a short name.').max(12, 'A short name has at most 12 characters.'),
  enabled: z.boolean().default(true),
  receivers: actionGroupReceivers,
  tags,
})
export type ActionGroupInput = z.infer<typeof actionGroupInput>
export type ActionGroupDraft = z.input<typeof actionGroupInput>

export type ActionGroupView = {
  id: string
  name: string
  shortName: string
  subscriptionId: string
  resourceGroup: string
  enabled: boolean
  receivers: ActionGroupReceivers
  tags: Record<string, string>
  createdAt: string
  permissions: Record<'write' | 'delete', Permission>
}

/** Signing secrets that were made for new webhooks: shown once, kept sealed. */
export type NewSecrets = Record<string, string>

export const processingRuleInput = z
  .object({
    ...place,
    description: text.max(1000).default(''),
    enabled: z.boolean().default(true),
    scopes,
    severities: z.array(z.number().int().min(0).max(4)).default([]),
    ruleIds: z.array(text).default([]),
    /** ISO 8601 virtual time; null: from now on, or for good. */
    startsAt: z.iso.datetime({ offset: true, error: 'Give date and time.' }).nullable().default(null),
    endsAt: z.iso.datetime({ offset: true, error: 'Give date and time.' }).nullable().default(null),
  })
  .refine((r) => !r.startsAt || !r.endsAt || r.startsAt < r.endsAt, {
    path: ['endsAt'],
    message: 'It ends before it begins.',
  })
export type ProcessingRuleDraft = z.input<typeof processingRuleInput>
export type ProcessingRuleInput = z.infer<typeof processingRuleInput>

export type ProcessingRuleView = Omit<ProcessingRuleInput, never> & {
  id: string
  createdAt: string
  permissions: Record<'write' | 'delete', Permission>
}

export type AlertView = {
  id: string
  ruleId: string
  ruleName: string
  severity: number
  signalType: string
  monitoringService: string
  targetId: string
  targetName: string
  title: string
  description: string
  condition: MonitorCondition
  state: AlertState
  stateChangedBy: string | null
  firedAt: string
  lastFiredAt: string
  resolvedAt: string | null
  occurrences: number
  /** Name of the processing rule that kept the action groups silent. */
  suppressedBy: string | null
}

export type AlertDetailView = AlertView & {
  context: Record<string, unknown>
  history: { at: string; what: string; by: string }[]
  deliveries: DeliveryView[]
  permission: Permission
}

export const alertStateInput = z.object({ id: z.uuid(), state: z.enum(['New', 'Acknowledged', 'Closed']) })

export type DeliveryView = {
  id: string
  alertId: string | null
  channel: Channel
  receiver: string
  target: string
  occasion: Occasion
  status: DeliveryStatus
  createdAt: string
  endedAt: string | null
  lastError: string | null
  attempts: { at: string; workMs: number; succeeded: boolean; answer: number | null; message: string }[]
}

export type InboxView = {
  seq: number
  id: string
  at: string
  alertId: string | null
  targetId: string
  severity: number
  occasion: Occasion
  title: string
  text: string
  unread: boolean
}
