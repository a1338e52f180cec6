import { Duration } from 'luxon'
import { z } from 'zod'
import {
  type ActionGroupView,
  type ActivityCondition,
  type AlertRuleDraft,
  type AlertRuleView,
  type AlertView,
  activityCondition,
  type MetricCondition,
} from '@/server/alerts/contract'
import { ACTION_GROUP_TYPE, RULE_TYPES, type RuleKind } from '@/server/alerts/model'
import {
  changeAlertState,
  deleteActionGroup,
  deleteAlertRule,
  getActionGroup,
  getAlert,
  getAlertRule,
  listActionGroups,
  listAlertRules,
  listAlerts,
  saveActionGroup,
  saveAlertRule,
  testActionGroup,
} from '@/server/alerts/service'
import { requireSubscription } from '@/server/identity/service'
import { resourceId, sameId } from '@/server/kernel/resource-id'
import { ArmError } from '../errors'
import { type Params, readBody, tagsBody } from '../request'
import { type ArmCall, type ArmReply, type ArmRoute, list, route } from '../route'

const idOf = ({ s, g, n }: Params, type: string): string =>
  resourceId({ subscriptionId: s!, resourceGroup: g!, type, name: n! })

const placeOf = ({ s, g, n }: Params) => ({ subscriptionId: s!, resourceGroup: g!, name: n! })
const minutesOf = (text: string): number => Duration.fromISO(text).as('minutes')
const durationOf = (minutes: number): string => Duration.fromObject({ minutes }).rescale().toISO() ?? 'PT0S'

const groupRef = z.object({ actionGroupId: z.string() })
const activityBody = z.object({
  tags: tagsBody.nullish(),
  properties: z.object({
    scopes: z.array(z.string()),
    enabled: z.boolean().default(true),
    description: z.string().nullish(),
    condition: z.object({ allOf: z.array(z.looseObject({})) }),
    actions: z.object({ actionGroups: z.array(groupRef).nullish() }).nullish(),
  }),
})
const metricBody = z.object({
  tags: tagsBody.nullish(),
  properties: z.object({
    description: z.string().nullish(),
    severity: z.number().int(),
    enabled: z.boolean().default(true),
    scopes: z.array(z.string()),
    evaluationFrequency: z.string(),
    windowSize: z.string(),
    criteria: z.object({ 'odata.type': z.string(), allOf: z.array(z.looseObject({ metricName: z.string() })) }),
    autoMitigate: z.boolean().default(true),
    actions: z.array(groupRef).nullish(),
  }),
})

/** Fields that a client sends as null are as good as absent. */
const withoutNulls = (value: object): object => JSON.parse(JSON.stringify(value, (_k, v) => v ?? undefined))

async function toActivityDraft({ ctx, request, params }: ArmCall): Promise<AlertRuleDraft> {
  const { properties: p, tags } = await readBody(request, activityBody)
  const condition = activityCondition.safeParse(withoutNulls(p.condition))
  if (!condition.success) throw new ArmError(400, 'BadRequest', condition.error.issues.map((i) => i.message).join(' '))
  const held = (await listAlertRules(ctx)).find((r) => sameId(r.id, idOf(params, RULE_TYPES.ActivityLog)))
  return {
    ...placeOf(params),
    kind: 'ActivityLog',
    description: p.description ?? '',
    enabled: p.enabled,
    // Azure's activity-log alerts are all of severity 4; what the portal said beyond Azure is kept.
    severity: held?.severity ?? 4,
    scopes: p.scopes,
    condition: { ...condition.data, resolveWhen: held ? (held.condition as ActivityCondition).resolveWhen : null },
    actionGroupIds: (p.actions?.actionGroups ?? []).map((a) => a.actionGroupId),
    tags: tags ?? {},
  }
}

async function toMetricDraft({ request, params }: ArmCall): Promise<AlertRuleDraft> {
  const { properties: p, tags } = await readBody(request, metricBody)
  return {
    ...placeOf(params),
    kind: 'Metric',
    description: p.description ?? '',
    enabled: p.enabled,
    severity: p.severity,
    scopes: p.scopes,
    condition: { allOf: p.criteria.allOf.map((c) => withoutNulls(c)) } as MetricCondition,
    actionGroupIds: (p.actions ?? []).map((a) => a.actionGroupId),
    autoMitigate: p.autoMitigate,
    windowMinutes: minutesOf(p.windowSize),
    frequencyMinutes: minutesOf(p.evaluationFrequency),
    tags: tags ?? {},
  }
}

const frame = (rule: { id: string; name: string; tags: Record<string, string> }, type: string) => ({
  ...{ id: rule.id, name: rule.name, tags: rule.tags },
  type,
  location: 'Global',
})

function ruleShape(rule: AlertRuleView) {
  const { kind, scopes, enabled, description, severity, actionGroupIds } = rule
  if (kind === 'ActivityLog') {
    const { allOf } = rule.condition as ActivityCondition
    const actions = { actionGroups: actionGroupIds.map((actionGroupId) => ({ actionGroupId, webhookProperties: {} })) }
    return {
      ...frame(rule, RULE_TYPES[kind]),
      properties: { scopes, enabled, description, condition: { allOf }, actions },
    }
  }
  const { allOf } = rule.condition as MetricCondition
  return {
    ...frame(rule, RULE_TYPES[kind]),
    properties: {
      ...{ description, severity, enabled, scopes },
      evaluationFrequency: durationOf(rule.frequencyMinutes),
      windowSize: durationOf(rule.windowMinutes),
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria',
        allOf: allOf.map((c) => ({ ...c, criterionType: 'StaticThresholdCriterion' })),
      },
      autoMitigate: rule.autoMitigate,
      actions: actionGroupIds.map((actionGroupId) => ({ actionGroupId })),
    },
  }
}

const created = <T>(before: boolean, body: T): ArmReply => ({ status: before ? 200 : 201, body })

/** Metric alerts answer 200 to every PUT, and clients take nothing else. */
const saved = (kind: RuleKind, before: boolean, body: unknown): ArmReply =>
  kind === 'Metric' ? { body } : created(before, body)

function ruleRoutes(kind: RuleKind, toDraft: (call: ArmCall) => Promise<AlertRuleDraft>): ArmRoute[] {
  const type = RULE_TYPES[kind]
  const inGroup = `/subscriptions/{s}/resourceGroups/{g}/providers/${type}`
  const all = async ({ ctx, params }: ArmCall) => {
    await requireSubscription(ctx, params.s!)
    const rules = (await listAlertRules(ctx)).filter((r) => r.kind === kind && sameId(r.subscriptionId, params.s!))
    return list(rules.filter((r) => !params.g || sameId(r.resourceGroup, params.g)).map(ruleShape))
  }
  return [
    route('GET', `/subscriptions/{s}/providers/${type}`, all),
    route('GET', inGroup, all),
    route('GET', `${inGroup}/{n}`, async ({ ctx, params }) => ({
      body: ruleShape(await getAlertRule(ctx, idOf(params, type))),
    })),
    route('PUT', `${inGroup}/{n}`, async (call) => {
      const before = (await listAlertRules(call.ctx)).some((r) => sameId(r.id, idOf(call.params, type)))
      return saved(kind, before, ruleShape(await saveAlertRule(call.ctx, await toDraft(call))))
    }),
    route('DELETE', `${inGroup}/{n}`, async ({ ctx, params }) => ({
      status: (await deleteAlertRule(ctx, idOf(params, type))) ? 200 : 204,
    })),
  ]
}

const groupBody = z.object({
  tags: tagsBody.nullish(),
  properties: z.object({
    groupShortName: z.string(),
    enabled: z.boolean().default(true),
    emailReceivers: z.array(z.object({ name: z.string(), emailAddress: z.string() })).nullish(),
    webhookReceivers: z.array(z.object({ name: z.string(), serviceUri: z.string() })).nullish(),
  }),
})

const groupShape = (group: ActionGroupView) => ({
  ...frame(group, ACTION_GROUP_TYPE),
  properties: {
    groupShortName: group.shortName,
    enabled: group.enabled,
    emailReceivers: group.receivers.emails.map((e) => ({ ...e, status: 'Enabled' })),
    webhookReceivers: group.receivers.webhooks.map((w) => ({ ...w, useAadAuth: false })),
    ...Object.fromEntries(
      [
        'sms',
        'voice',
        'itsm',
        'azureAppPush',
        'automationRunbook',
        'logicApp',
        'azureFunction',
        'armRole',
        'eventHub',
      ].map((kind) => [`${kind}Receivers`, []]),
    ),
  },
})

async function putGroup({ ctx, params, request }: ArmCall): Promise<ArmReply> {
  const { properties: p, tags } = await readBody(request, groupBody)
  const held = (await listActionGroups(ctx)).find((g) => sameId(g.id, idOf(params, ACTION_GROUP_TYPE)))
  const { group } = await saveActionGroup(ctx, {
    ...placeOf(params),
    shortName: p.groupShortName,
    enabled: p.enabled,
    // The inbox is ours: clients of ARM do not know it and cannot take it away.
    receivers: {
      webhooks: p.webhookReceivers ?? [],
      emails: p.emailReceivers ?? [],
      inboxes: held?.receivers.inboxes ?? [],
    },
    tags: tags ?? {},
  })
  return created(held !== undefined, groupShape(group))
}

const GROUPS = `/subscriptions/{s}/resourceGroups/{g}/providers/${ACTION_GROUP_TYPE}`
const listGroups = async ({ ctx, params }: ArmCall) => {
  await requireSubscription(ctx, params.s!)
  const groups = (await listActionGroups(ctx)).filter((a) => sameId(a.subscriptionId, params.s!))
  return list(groups.filter((a) => !params.g || sameId(a.resourceGroup, params.g)).map(groupShape))
}

const alertShape = (alert: AlertView, scope: string) => ({
  id: `${scope}/providers/Microsoft.AlertsManagement/alerts/${alert.id}`,
  name: alert.title,
  type: 'Microsoft.AlertsManagement/alerts',
  properties: {
    essentials: {
      severity: `Sev${alert.severity}`,
      signalType: alert.signalType === 'Metric' ? 'Metric' : 'Log',
      alertState: alert.state,
      monitorCondition: alert.condition,
      targetResource: alert.targetId,
      targetResourceName: alert.targetName,
      monitorService: alert.monitoringService,
      alertRule: alert.ruleId,
      sourceCreatedId: alert.id,
      description: alert.description,
      startDateTime: alert.firedAt,
      lastModifiedDateTime: alert.resolvedAt ?? alert.lastFiredAt,
      lastModifiedUserName: alert.stateChangedBy ?? 'System',
      ...(alert.resolvedAt ? { monitorConditionResolvedDateTime: alert.resolvedAt } : {}),
      actionStatus: { isSuppressed: alert.suppressedBy !== null },
    },
  },
})

const newState = z.enum(['New', 'Acknowledged', 'Closed'])

export const alertRoutes = [
  ...ruleRoutes('ActivityLog', toActivityDraft),
  ...ruleRoutes('Metric', toMetricDraft),
  route('GET', `/subscriptions/{s}/providers/${ACTION_GROUP_TYPE}`, listGroups),
  route('GET', GROUPS, listGroups),
  route('GET', `${GROUPS}/{n}`, async ({ ctx, params }) => ({
    body: groupShape(await getActionGroup(ctx, idOf(params, ACTION_GROUP_TYPE))),
  })),
  route('PUT', `${GROUPS}/{n}`, putGroup),
  route('DELETE', `${GROUPS}/{n}`, async ({ ctx, params }) => ({
    status: (await deleteActionGroup(ctx, idOf(params, ACTION_GROUP_TYPE))) ? 200 : 204,
  })),
  route('POST', `${GROUPS}/{n}/createNotifications`, async ({ ctx, params }) => {
    await testActionGroup(ctx, idOf(params, ACTION_GROUP_TYPE))
    return { status: 202, body: { state: 'InProgress' } }
  }),
  route('GET', '{scope}/providers/Microsoft.AlertsManagement/alerts', async ({ ctx, params }) =>
    list((await listAlerts(ctx, { targetId: params.scope! })).map((a) => alertShape(a, params.scope!))),
  ),
  route('GET', '{scope}/providers/Microsoft.AlertsManagement/alerts/{id}', async ({ ctx, params }) => ({
    body: alertShape(await getAlert(ctx, params.id!), params.scope!),
  })),
  route(
    'POST',
    '{scope}/providers/Microsoft.AlertsManagement/alerts/{id}/changestate',
    async ({ ctx, params, query }) => {
      const state = newState.safeParse(query.get('newstate'))
      if (!state.success) throw new ArmError(400, 'BadRequest', 'newState is one of New, Acknowledged, Closed.')
      return { body: alertShape({ ...(await changeAlertState(ctx, params.id!, state.data)) }, params.scope!) }
    },
  ),
]
