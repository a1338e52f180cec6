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
const operation = (name: string): ActivityTest => ({ field: 'operationName', equals: name })

const expires = (days: number, severity: number): ReadyMade => ({
  name: `Key expires within ${days} ${days === 1 ? 'day' : 'days'}`,
  description: `A key's current version expires within ${days} ${days === 1 ? 'day' : 'days'}. Servers on it become Inaccessible when it does: extend its expiry date, or rotate it in time.`,
  severity,
  kind: 'Metric',
  windowMinutes: 60,
  frequencyMinutes: 5,
  condition: {
    allOf: [
      {
        name: 'Days to expiry',
        metricNamespace: RESOURCE_TYPES.vault,
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
  {
    name: 'Key vault deleted',
    description: 'A vault was deleted: every server on one of its keys falls within the hour. Recover the vault.',
    severity: 0,
    kind: 'ActivityLog',
    condition: {
      allOf: [administrative, succeeded, operation('Microsoft.KeyVault/vaults/delete')],
      resolveWhen: [succeeded, operation('Microsoft.KeyVault/vaults/write')],
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
      allOf: [
        administrative,
        succeeded,
        { field: 'description', containsAny: ['adopted a new key version', 'adopted version'] },
      ],
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
