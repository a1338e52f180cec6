import type { ActivityCondition, AlertRuleDraft, AlertRuleView, MetricCondition } from '@/server/alerts/contract'
import type { RuleKind } from '@/server/alerts/model'
import { READY_MADE } from '@/server/alerts/model/ready-made'
import { METRICS } from '@/server/metrics/model'
import type { AlertSettings } from '@/server/queries/alerts'

/** What the form holds. */
export type RuleForm = {
  name: string
  description: string
  groupId: string
  kind: RuleKind
  severity: string
  enabled: boolean
  scopes: string[]
  actionGroupIds: string[]
  tests: { field: string; value: string }[]
  /** `namespace|metric`. */
  metric: string
  operator: string
  threshold: string
  aggregation: string
  windowMinutes: string
  frequencyMinutes: string
  split: boolean
}

const EMPTY = {
  tests: [{ field: 'category', value: 'Administrative' }],
  metric: `${METRICS[0]!.namespace}|${METRICS[0]!.name}`,
  operator: 'LessThan',
  threshold: '1',
  aggregation: 'Maximum',
  windowMinutes: '60',
  frequencyMinutes: '5',
  split: false,
}

export function formOf(rule: AlertRuleView | null, settings: AlertSettings): RuleForm {
  const place = settings.resourceGroups.find((g) => g.create.rule.allowed) ?? settings.resourceGroups[0]
  if (!rule) {
    return {
      ...EMPTY,
      name: '',
      description: '',
      groupId: place?.id ?? '',
      kind: 'ActivityLog',
      severity: '2',
      enabled: true,
      scopes: settings.subscriptions.map((s) => `/subscriptions/${s.id}`),
      actionGroupIds: settings.groups.map((g) => g.id),
    }
  }
  const group = settings.resourceGroups.find(
    (g) => g.subscriptionId === rule.subscriptionId && g.name === rule.resourceGroup,
  )
  return {
    ...conditionForm(rule.kind, rule.condition),
    name: rule.name,
    description: rule.description,
    groupId: group?.id ?? '',
    kind: rule.kind,
    severity: String(rule.severity),
    enabled: rule.enabled,
    scopes: rule.scopes,
    actionGroupIds: rule.actionGroupIds,
    windowMinutes: String(rule.windowMinutes || 60),
    frequencyMinutes: String(rule.frequencyMinutes || 5),
  }
}

function conditionForm(kind: RuleKind, condition: ActivityCondition | MetricCondition) {
  if (kind === 'ActivityLog') {
    const tests = (condition as ActivityCondition).allOf.flatMap((test) =>
      'anyOf' in test
        ? []
        : [{ field: test.field, value: 'equals' in test ? test.equals : test.containsAny.join(', ') }],
    )
    return { ...EMPTY, tests }
  }
  const [first] = (condition as MetricCondition).allOf
  return {
    ...EMPTY,
    metric: `${first!.metricNamespace}|${first!.metricName}`,
    operator: first!.operator,
    threshold: String(first!.threshold),
    aggregation: first!.timeAggregation,
    split: first!.dimensions.length > 0,
  }
}

/** The form as a ready-made rule fills it; place and receivers stay. */
export function withReadyMade(form: RuleForm, name: string): RuleForm {
  const made = READY_MADE.find((r) => r.name === name)
  if (!made) return form
  const { kind, severity, description } = made
  const timing =
    made.kind === 'Metric'
      ? { windowMinutes: String(made.windowMinutes), frequencyMinutes: String(made.frequencyMinutes) }
      : {}
  const condition = made.condition as ActivityCondition | MetricCondition
  return { ...form, ...conditionForm(kind, condition), ...timing, kind, name, description, severity: String(severity) }
}

export const metricOf = ({ metric }: Pick<RuleForm, 'metric'>) => {
  const [namespace, name] = metric.split('|')
  return METRICS.find((m) => m.namespace === namespace && m.name === name)
}

/** What the service takes. What a form cannot say (any-of, what resolves) is kept from the rule or its ready-made one. */
export function toRuleInput(form: RuleForm, settings: AlertSettings, before: AlertRuleView | null): AlertRuleDraft {
  const group = settings.resourceGroups.find((g) => g.id === form.groupId)
  const { name, description, enabled, scopes, actionGroupIds } = form
  const base = {
    ...{ name, description, enabled, scopes, actionGroupIds },
    subscriptionId: group?.subscriptionId ?? '',
    resourceGroup: group?.name ?? '',
    severity: Number(form.severity),
  }
  if (form.kind === 'Metric') {
    const metric = metricOf(form)
    const dimensions = form.split && metric ? metric.dimensions.slice(0, 1) : []
    return {
      ...base,
      kind: 'Metric',
      windowMinutes: Number(form.windowMinutes),
      frequencyMinutes: Number(form.frequencyMinutes),
      condition: {
        allOf: [
          {
            metricNamespace: metric?.namespace ?? '',
            metricName: metric?.name ?? '',
            operator: form.operator as 'LessThan',
            threshold: form.threshold === '' ? Number.NaN : Number(form.threshold),
            timeAggregation: form.aggregation as 'Average',
            dimensions: dimensions.map((d) => ({ name: d, operator: 'Include' as const, values: ['*'] })),
          },
        ],
      },
    }
  }
  const held = (
    before?.kind === 'ActivityLog' ? before.condition : READY_MADE.find((r) => r.name === name)?.condition
  ) as ActivityCondition | undefined
  const kept = (held?.allOf ?? []).filter((test) => 'anyOf' in test)
  const tests = form.tests.map(({ field, value }) =>
    field === 'description' ? { field, containsAny: value.split(',').map((v) => v.trim()) } : { field, equals: value },
  )
  return {
    ...base,
    kind: 'ActivityLog',
    condition: { allOf: [...tests, ...kept], resolveWhen: held?.resolveWhen ?? null },
  }
}
