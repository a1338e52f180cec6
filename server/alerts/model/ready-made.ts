import { ROLE_IDS } from '@/server/identity/model'
import { RESOURCE_TYPES } from '@/server/kernel/resource-id'
import type { ActivityTest, AlertRuleDraft } from '../contract'

/** What a ready-made rule watches; where it watches and whom it tells is added. */
export type ReadyMade = { name: string; description: string; severity: number } & (
  | { kind: 'ActivityLog'; condition: { allOf: ActivityTest[]; resolveWhen: ActivityTest[] | null } }
  | Pick<Extract<AlertRuleDraft, { kind: 'Metric' }>, 'kind' | 'condition' | 'windowMinutes' | 'frequencyMinutes'>
)

const administrative: ActivityTest = { field: 'category', equals: 'Administrative' }
const succeeded: ActivityTest = { field: 'status', equals: 'Succeeded' }
const leaf = (name: string) => ({ field: 'operationName', equals: name })
const operation = (name: string): ActivityTest => leaf(name)
const STORES = [RESOURCE_TYPES.vault, RESOURCE_TYPES.managedHsm]

const expires = (days: number, severity: number, hsm = false): ReadyMade => ({
  name: `${hsm ? 'HSM key' : 'Key'} expires within ${days} ${days === 1 ? 'day' : 'days'}`,
  description: `A key's current version expires within ${days} ${days === 1 ? 'day' : 'days'}. Servers on it become Inaccessible when it does: extend its expiry date, or rotate it in time.`,
  severity,
  kind: 'Metric',
  windowMinutes: 60,
  frequencyMinutes: 5,
  condition: {
    allOf: [
      {
        name: 'Days to expiry',
        metricNamespace: hsm ? RESOURCE_TYPES.managedHsm : RESOURCE_TYPES.vault,
        metricName: 'KeyDaysToExpiry',
        operator: 'LessThanOrEqual',
        threshold: days,
        timeAggregation: 'Minimum',
        dimensions: [{ name: 'KeyName', operator: 'Include', values: ['*'] }],
      },
    ],
  },
})

/** Rules that a fleet with customer-managed keys wants from its first day. */
export const READY_MADE: readonly ReadyMade[] = [
  {
    name: 'Server Inaccessible',
    description: 'A server lost access to its key and refuses connections.',
    severity: 0,
    kind: 'ActivityLog',
    condition: {
      allOf: [
        { field: 'category', equals: 'ResourceHealth' },
        { field: 'properties.currentHealthStatus', equals: 'Unavailable' },
      ],
      resolveWhen: [
        { field: 'category', equals: 'ResourceHealth' },
        { field: 'properties.currentHealthStatus', equals: 'Available' },
      ],
    },
  },
  expires(1, 0),
  expires(7, 1),
  expires(30, 2),
  // A metric belongs to one type of resource, so that HSMs have rules of their own.
  expires(1, 0, true),
  expires(7, 1, true),
  expires(30, 2, true),
  {
    name: 'Key store deleted',
    description: 'A vault or HSM was deleted: every server on one of its keys falls within the hour. Recover it.',
    severity: 0,
    kind: 'ActivityLog',
    condition: {
      allOf: [administrative, succeeded, { anyOf: STORES.map((type) => leaf(`${type}/delete`)) }],
      resolveWhen: [succeeded, { anyOf: STORES.map((type) => leaf(`${type}/write`)) }],
    },
  },
  {
    name: 'Key role removed',
    description: 'The role with which servers use their keys was taken from an identity.',
    severity: 1,
    kind: 'ActivityLog',
    condition: {
      allOf: [
        administrative,
        succeeded,
        operation('Microsoft.Authorization/roleAssignments/delete'),
        { field: 'properties.roleDefinitionId', equals: ROLE_IDS.keyVaultCryptoServiceEncryptionUser },
      ],
      resolveWhen: null,
    },
  },
  {
    name: 'Key rotation adopted',
    description: 'A server adopted a new version of its key. Keep the old version enabled for two hours more.',
    severity: 3,
    kind: 'ActivityLog',
    condition: {
      allOf: [administrative, succeeded, { field: 'properties.event', equals: 'KeyVersionAdopted' }],
      resolveWhen: null,
    },
  },
  {
    name: 'Key rotation overdue',
    description:
      'A server has been wrapped by an older version of its key for hours: point it to the new one before the old one expires.',
    severity: 2,
    kind: 'Metric',
    windowMinutes: 1440,
    frequencyMinutes: 60,
    condition: {
      allOf: [
        {
          name: 'Samples behind the newest version',
          metricNamespace: RESOURCE_TYPES.server,
          metricName: 'key_version_lag',
          operator: 'GreaterThanOrEqual',
          threshold: 24,
          timeAggregation: 'Count',
          dimensions: [],
        },
      ],
    },
  },
]
