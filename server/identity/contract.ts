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
export const tenantSettings = z.object({
  /** Virtual seconds until a new or removed role assignment takes effect. SIMULATED: Azure says up to about ten minutes. */
  rolePropagationSeconds: z.number().int().min(0).max(3600).default(0),
})
export type TenantSettings = z.infer<typeof tenantSettings>
