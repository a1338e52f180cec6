import { z } from 'zod'

/** A person whose part one can play; rights come from role assignments alone. */
export type PersonaView = {
  objectId: string
  displayName: string
  upn: string
  jobTitle: string
}

export type SessionView = {
  tenantId: string
  tenantName: string
  tenantDomain: string
  persona: PersonaView
  personas: PersonaView[]
  /** Ports of the REST surfaces, for snippets. */
  httpsPort: number
}

/**
 * Whether the signed-in person may do something. A disabled button shows `reason`, which names the missing role.
 */
export type Permission = { allowed: true } | { allowed: false; reason: string; missingRoles: string[] }

export const switchPersonaInput = z.object({ objectId: z.string().uuid('Choose a person from the list.') })

/** Settings of a tenant's simulation. */
const settings = {
  /** Virtual seconds until a new or removed role assignment takes effect. SIMULATED: Azure says up to about ten minutes. */
  rolePropagationSeconds: z.number().int().min(0).max(3600),
  /** Whether vaults hold requests to the published limits of Key Vault, in windows of ten seconds of real time. */
  throttling: z.boolean(),
  /**
   * When servers notice that their key access may have changed: `azure` with the next periodic check, `immediate` at once.
   * SIMULATED: Azure has no such choice.
   */
  keyChangeDetection: z.enum(['azure', 'immediate']),
}
export const tenantSettings = z.object({
  rolePropagationSeconds: settings.rolePropagationSeconds.default(0),
  throttling: settings.throttling.default(false),
  keyChangeDetection: settings.keyChangeDetection.default('azure'),
})
/** Some of them: what is left out stays as it is, and does not fall back to its default. */
export const settingsPatch = z.object(settings).partial()
export type TenantSettings = z.infer<typeof tenantSettings>

/** A user-assigned managed identity. `principalId` is what role assignments name; it is new at each creation. */
export type IdentityView = {
  id: string
  name: string
  subscriptionId: string
  resourceGroup: string
  location: string
  principalId: string
  clientId: string
  tenantId: string
  tags: Record<string, string>
  createdAt: string
}

export type RoleAssignmentView = {
  id: string
  scope: string
  /** True when it is assigned at an ancestor of the scope that was asked about. */
  inherited: boolean
  roleDefinitionId: string
  roleName: string
  principalId: string
  principalType: string
  /** Null when the principal no longer exists ("Identity not found"). */
  principalName: string | null
  createdAt: string
  /** Object id of whoever gave it. */
  createdBy: string
  /** Takes effect at this instant. */
  effectiveAt: string
  /** Removed, still works until this instant. */
  ceasesAt: string | null
}

export type SubscriptionView = { id: string; name: string }
export type ResourceGroupView = { id: string; subscriptionId: string; name: string; location: string }
export type ResourceGroupDetail = ResourceGroupView & { tags: Record<string, string> }

export const LOCK_LEVELS = ['CanNotDelete', 'ReadOnly'] as const

/** A lock holds for its scope and all below, for every role, and for the control plane only. */
export type LockView = {
  id: string
  scope: string
  /** True when it lies on an ancestor of the scope that was asked about. */
  inherited: boolean
  name: string
  level: (typeof LOCK_LEVELS)[number]
  notes: string
  createdAt: string
  createdBy: string
}

export const setLockInput = z.object({
  scope: z.string().startsWith('/'),
  name: z.string().regex(/^[^<>%&:\\?/]{1,260}$/, 'A lock name has 1 to 260 characters, none of < > % & : \\ ? /.'),
  level: z.enum(LOCK_LEVELS, { error: 'A lock is CanNotDelete or ReadOnly.' }),
  notes: z.string().max(512, 'Notes have at most 512 characters.').default(''),
})
export type SetLockInput = z.input<typeof setLockInput>
