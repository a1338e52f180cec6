import type { KeyAccess } from '@/server/encryption/model'
import { listRoleAssignments, managedIdentityPrincipal } from '@/server/identity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import type { EncryptionInput, KeyChoice } from './contract'
import { gatherKeyFacts } from './facts'
import { firstRefusal, type JudgedRule, judgePreconditions, type KeyFacts } from './rules'

type Where = { subscriptionId: string; location: string }
export type JudgedRole = { role: 'primary' | 'geo'; facts: KeyFacts; rules: JudgedRule[] }

const choices = (
  encryption: EncryptionInput,
): { role: 'primary' | 'geo'; choice: KeyChoice; otherIdentityId: string | null }[] => [
  ...(encryption.primary ? [{ role: 'primary' as const, choice: encryption.primary, otherIdentityId: null }] : []),
  ...(encryption.geo
    ? [{ role: 'geo' as const, choice: encryption.geo, otherIdentityId: encryption.primary?.identityId ?? null }]
    : []),
]

/** Judges every precondition of the chosen keys against what is true now. */
export async function judgeEncryption(
  ctx: Ctx,
  keyAccess: KeyAccess,
  at: Where,
  encryption: EncryptionInput,
): Promise<JudgedRole[]> {
  if (encryption.type === 'SystemManaged') return []
  const judged: JudgedRole[] = []
  for (const { role, choice, otherIdentityId } of choices(encryption)) {
    const server = { tenantId: ctx.tenantId, ...at }
    const facts = await gatherKeyFacts(ctx, keyAccess, { role, server, choice, otherIdentityId })
    judged.push({ role, facts, rules: judgePreconditions(facts) })
  }
  return judged
}

/** @throws AppError `PreconditionFailed` naming the first broken rule, with Azure's code where there is one. */
export function refuseBrokenRules(judged: JudgedRole[]): void {
  for (const { role, rules } of judged) {
    const refusal = firstRefusal(rules)
    if (!refusal) continue
    throw new AppError('PreconditionFailed', {
      publicMessage: `${refusal.title}: ${refusal.message}`,
      vendorCode: refusal.code,
      field: `encryption.${role}.${refusal.field}`,
      fields: { rule: refusal.id, [`encryption.${role}.${refusal.field}`]: refusal.message },
    })
  }
}

/** When the missing permission will take effect: a role was just assigned and propagates. Null when nothing is coming. */
export async function pendingPermission(ctx: Ctx, judged: JudgedRole[]): Promise<Date | null> {
  let until: Date | null = null
  for (const { facts, rules } of judged) {
    const refusal = firstRefusal(rules)
    if (!refusal) continue
    if (refusal.id !== 'identity-permission' || !facts.identity || !facts.store) return null
    const principal = await managedIdentityPrincipal(ctx, facts.identity.id)
    const assignments = await listRoleAssignments({ ...ctx, principal: SERVICE_PRINCIPAL }, facts.store.id, {
      inherited: true,
      below: true,
    })
    const coming = assignments
      .filter((a) => a.principalId === principal?.objectId && !a.ceasesAt)
      .map((a) => new Date(a.effectiveAt))
      .filter((at) => at > ctx.now)
      .sort((a, b) => a.getTime() - b.getTime())[0]
    if (!coming) return null
    if (!until || coming > until) until = coming
  }
  return until
}
