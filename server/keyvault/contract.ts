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
  softDelete: boolean
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
export type KeyPermission = (typeof KEY_PERMISSIONS)[number]

const softDeleteDays = z
  .number({ error: 'Give the days to retain deleted vaults.' })
  .int('Give whole days.')
  .min(7, 'Deleted vaults are retained for 7 to 90 days.')
  .max(90, 'Deleted vaults are retained for 7 to 90 days.')

export const accessPolicy = z.object({
  objectId: z.uuid('Choose a principal.'),
  keys: z.array(z.string()),
})

const tags = z.record(z.string().max(512), z.string().max(256))

export const createVaultInput = z.object({
  subscriptionId: z.uuid('Choose a subscription.'),
  resourceGroup: z.string().min(1, 'Choose a resource group.'),
  name: vaultName,
  location: z.string().min(1, 'Choose a region.'),
  sku: z.enum(['standard', 'premium']),
  /** True: Azure RBAC; false: access policies. */
  rbac: z.boolean(),
  accessPolicies: z.array(accessPolicy).max(1024, 'A vault has at most 1024 access policies.').optional(),
  /** False makes a vault like those of the time before soft delete, which destroys at once. */
  softDelete: z.boolean().optional(),
  softDeleteDays,
  purgeProtection: z.boolean(),
  publicNetworkAccess: z.boolean(),
  networkAcls,
  tags,
})
export type CreateVaultInput = z.infer<typeof createVaultInput>

/** What may change later. Soft delete and purge protection can only be switched on. */
export const updateVaultInput = createVaultInput
  .pick({ sku: true, rbac: true, accessPolicies: true, publicNetworkAccess: true, networkAcls: true, tags: true })
  .extend({
    softDelete: z.literal(true, 'Soft delete cannot be switched off again.'),
    purgeProtection: z.literal(true, 'Purge protection cannot be switched off again.'),
  })
  .partial()
export type UpdateVaultInput = z.infer<typeof updateVaultInput>

export const PRIVATE_ENDPOINT_STATUSES = ['Pending', 'Approved', 'Rejected'] as const

/** A private endpoint that leads, or asks to lead, to a vault. */
export type PrivateEndpointView = {
  vaultId: string
  /** Name of the connection, unique in its vault. */
  name: string
  /** Resource id of the endpoint. */
  privateEndpointId: string
  status: (typeof PRIVATE_ENDPOINT_STATUSES)[number]
  description: string
  createdAt: string
}

export const privateEndpointInput = z.object({
  name: z
    .string()
    .regex(/^[0-9a-zA-Z][\w.-]{0,78}[\w]$/, 'Use 2 to 80 letters, digits, hyphens, periods and underscores.'),
  subscriptionId: z.uuid('Choose a subscription.'),
  resourceGroup: z.string().min(1, 'Choose a resource group.'),
  description: z.string().max(140, 'A message has at most 140 characters.').default(''),
})
export type PrivateEndpointInput = z.input<typeof privateEndpointInput>

export const privateEndpointDecision = z.object({
  status: z.enum(['Approved', 'Rejected']),
  description: z.string().max(140, 'A message has at most 140 characters.').default(''),
})
export type PrivateEndpointDecision = z.input<typeof privateEndpointDecision>
