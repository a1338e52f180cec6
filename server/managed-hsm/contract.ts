import { z } from 'zod'
import type { NetworkAcls } from './model'

export type ManagedHsmView = {
  id: string
  name: string
  uri: string
  subscriptionId: string
  resourceGroup: string
  location: string
  softDeleteDays: number
  purgeProtection: boolean
  publicNetworkAccess: boolean
  networkAcls: NetworkAcls
  activated: boolean
  activatedAt: string | null
  quorum: number | null
  domainId: string | null
  adminObjectIds: string[]
  tags: Record<string, string>
  createdAt: string
  deletedAt: string | null
  scheduledPurgeAt: string | null
}

export type HsmRoleAssignmentView = {
  id: string
  scope: string
  roleDefinitionId: string
  roleName: string
  principalId: string
  principalName: string | null
}

export const hsmName = z
  .string()
  .min(3, 'An HSM name has 3 to 24 characters.')
  .max(24, 'An HSM name has 3 to 24 characters.')
  .regex(
    /^[a-zA-Z][0-9a-zA-Z-]*[0-9a-zA-Z]$/,
    'Start with a letter, end with a letter or digit; only letters, digits and hyphens.',
  )
  .refine((n) => !n.includes('--'), 'No two hyphens in a row.')

const networkAcls = z.object({
  defaultAction: z.enum(['Allow', 'Deny']),
  bypass: z.enum(['AzureServices', 'None']),
  ipRules: z.array(z.string()).max(10, 'At most 10 IP rules.'),
})

export const createManagedHsmInput = z.object({
  subscriptionId: z.uuid('Choose a subscription.'),
  resourceGroup: z.string().min(1, 'Choose a resource group.'),
  name: hsmName,
  location: z.string().min(1, 'Choose a region.'),
  /** Object ids; they become Managed HSM Administrator, and nobody else has any right at first. */
  adminObjectIds: z.array(z.uuid('Choose a principal.')).min(1, 'Name at least one initial administrator.'),
  softDeleteDays: z
    .number({ error: 'Give the days to retain a deleted HSM.' })
    .int('Give whole days.')
    .min(7, 'Deleted HSMs are retained for 7 to 90 days.')
    .max(90, 'Deleted HSMs are retained for 7 to 90 days.'),
  purgeProtection: z.boolean(),
  publicNetworkAccess: z.boolean(),
  networkAcls,
  tags: z.record(z.string().max(512), z.string().max(256)),
})
export type CreateManagedHsmInput = z.infer<typeof createManagedHsmInput>

/** What may change later. Purge protection can only be switched on. */
export const updateManagedHsmInput = createManagedHsmInput
  .pick({ publicNetworkAccess: true, networkAcls: true, tags: true })
  .extend({ purgeProtection: z.literal(true, 'Purge protection cannot be switched off again.') })
  .partial()
export type UpdateManagedHsmInput = z.infer<typeof updateManagedHsmInput>

export const MIN_HOLDERS = 3
export const MAX_HOLDERS = 10

/** The holders' RSA public keys as PEM: certificates or public keys. */
export const activationInput = z
  .object({
    publicKeys: z
      .array(z.string().min(1, 'Give a certificate or a public key in PEM form.'))
      .min(MIN_HOLDERS, `Activation needs at least ${MIN_HOLDERS} RSA public keys.`)
      .max(MAX_HOLDERS, `Activation takes at most ${MAX_HOLDERS} RSA public keys.`),
    quorum: z
      .number({ error: 'Give the quorum as a number.' })
      .int('Give a whole number.')
      .min(2, 'The quorum is at least 2.'),
  })
  .refine((a) => a.quorum <= a.publicKeys.length, {
    message: 'The quorum cannot be larger than the number of keys.',
    path: ['quorum'],
  })
export type ActivationInput = z.infer<typeof activationInput>

/** `/`, `/keys` or `/keys/{name}`. */
export const hsmRoleInput = z.object({
  scope: z.string().regex(/^\/(keys(\/[0-9a-zA-Z-]{1,127})?)?$/, 'A scope is /, /keys or /keys/{name}.'),
  roleDefinitionId: z.uuid('Choose a role.'),
  principalId: z.uuid('Choose a principal.'),
})
export type HsmRoleInput = z.infer<typeof hsmRoleInput>

/** The storage container of a full backup, as clients name it. */
export const containerUri = z
  .url({
    protocol: /^https$/,
    error: 'Give the address of a storage container, https://ACCOUNT.blob.core.windows.net/CONTAINER.',
  })
  .max(1024)
  .transform((text) => text.replace(/[?#].*$/, '').replace(/\/+$/, ''))

/** A full backup of a pool. */
export type HsmBackupView = { jobId: string; at: string; containerUri: string; folder: string }
