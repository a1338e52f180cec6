import 'server-only'
import { z } from 'zod'
import type {
  ActionGroupView,
  AlertDetailView,
  AlertRuleView,
  AlertView,
  DeliveryView,
  ProcessingRuleView,
} from '@/server/alerts/contract'
import {
  getAlert,
  listActionGroups,
  listAlertRules,
  listAlerts,
  listDeliveries,
  listProcessingRules,
} from '@/server/alerts/service'
import type { Permission, ResourceGroupView, SubscriptionView } from '@/server/identity/contract'
import { canEach, listResourceGroups, listSubscriptions } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'

export const readAlerts = (ctx: Ctx): Promise<AlertView[]> => listAlerts(ctx)

export const readAlert = (ctx: Ctx, id: string): Promise<AlertDetailView> => getAlert(ctx, z.uuid().parse(id))

export type AlertSettings = {
  rules: AlertRuleView[]
  groups: ActionGroupView[]
  silences: ProcessingRuleView[]
  subscriptions: SubscriptionView[]
  /** With what the person may create in each. */
  resourceGroups: (ResourceGroupView & { create: Record<'rule' | 'group' | 'silence', Permission> })[]
}

export async function readAlertSettings(ctx: Ctx): Promise<AlertSettings> {
  const [rules, groups, silences, subscriptions, places] = await Promise.all([
    listAlertRules(ctx),
    listActionGroups(ctx),
    listProcessingRules(ctx),
    listSubscriptions(ctx),
    listResourceGroups(ctx),
  ])
  const resourceGroups = await Promise.all(
    places.map(async (place) => ({
      ...place,
      create: await canEach(ctx, {
        rule: { action: 'Microsoft.Insights/metricAlerts/write', scope: place.id },
        group: { action: 'Microsoft.Insights/actionGroups/write', scope: place.id },
        silence: { action: 'Microsoft.AlertsManagement/actionRules/write', scope: place.id },
      }),
    })),
  )
  return { rules, groups, silences, subscriptions, resourceGroups }
}

/** What was sent to the receivers of a group. */
export const readDeliveries = (ctx: Ctx, query: Record<string, string>): Promise<DeliveryView[]> =>
  listDeliveries(ctx, query.group ?? '')
