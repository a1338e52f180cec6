import { z } from 'zod'

export type NetworkAcls = {
  defaultAction: 'Allow' | 'Deny'
  bypass: 'AzureServices' | 'None'
  /** IPv4 addresses or CIDR ranges. */
  ipRules: string[]
}

export type AccessPolicy = { objectId: string; keys: string[] }

export type VaultView = {
  id: string
  name: string
  uri: string
  subscriptionId: string
  resourceGroup: string
  location: string
  sku: 'standard' | 'premium'
  permissionModel: 'rbac' | 'accessPolicies'
  accessPolicies: (AccessPolicy & { principalName: string | null })[]
  softDeleteDays: number
  purgeProtection: boolean
  publicNetworkAccess: boolean
  networkAcls: NetworkAcls
  tags: Record<string, string>
  createdAt: string
  deletedAt: string | null
  scheduledPurgeAt: string | null
}

export const vaultName = z
  .string()
  .min(3, 'A vault name has 3 to 24 characters.')
  .max(24, 'A vault name has 3 to 24 characters.')
  .regex(
    /^[a-zA-Z][0-9a-zA-Z-]*[0-9a-zA-Z]$/,
    'Start with a letter, end with a letter or digit; only letters, digits and hyphens.',
  )
  .refine((n) => !n.includes('--'), 'No two hyphens in a row.')

export const networkAcls = z.object({
  defaultAction: z.enum(['Allow', 'Deny']),
  bypass: z.enum(['AzureServices', 'None']),
  ipRules: z.array(z.string()).max(1000, 'At most 1000 IP rules.'),
})

/** Key permissions of the access-policy model. */
export const KEY_PERMISSIONS = [
  'get',
  'list',
  'update',
  'create',
  'import',
  'delete',
  'recover',
  'backup',
  'restore',
  'decrypt',
  'encrypt',
  'unwrapKey',
  'wrapKey',
  'verify',
  'sign',
  'purge',
  'release',
  'rotate',
  'getrotationpolicy',
  'setrotationpolicy',
] as const
