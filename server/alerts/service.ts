/** The door of this room. */
export { newWebhookSecret } from './crypto'
export { type DeliveryDeps, deliverDue } from './deliveries.sweep'
export {
  deleteActionGroup,
  getActionGroup,
  listActionGroups,
  listDeliveries,
  saveActionGroup,
  testActionGroup,
} from './service/action-groups'
export { deleteAlertRule, getAlertRule, listAlertRules, saveAlertRule } from './service/alert-rules'
export {
  changeAlertState,
  countFiredAlerts,
  deleteProcessingRule,
  getAlert,
  inbox,
  listAlerts,
  listProcessingRules,
  markInboxSeen,
  saveProcessingRule,
} from './service/alerts'
export { evaluateActivityAlerts, evaluateMetricAlerts } from './service/evaluate'
export { guardedLookup, isForbiddenAddress, postWebhook } from './webhook'
