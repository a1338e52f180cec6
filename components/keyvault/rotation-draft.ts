import type { RotationPolicyInput } from '@/server/keys/contract'

export const UNITS = { D: 'days', M: 'months', Y: 'years' } as const
export type Unit = keyof typeof UNITS
export type Span = { count: number; unit: Unit }

/** A rotation policy as the form asks for it. */
export type RotationDraft = {
  /** Null: new versions do not expire. */
  expiry: Span | null
  auto: boolean
  option: 'afterCreation' | 'beforeExpiry'
  at: Span
  /** Null: no notice. */
  notify: Span | null
}

/** What Azure's portal proposes: two years, a new version after eighteen months, a notice thirty days before. */
export const PROPOSAL: RotationDraft = {
  expiry: { count: 2, unit: 'Y' },
  auto: true,
  option: 'afterCreation',
  at: { count: 18, unit: 'M' },
  notify: { count: 30, unit: 'D' },
}

/** What clears a policy. */
export const NO_POLICY: RotationPolicyInput = { expiryTime: null, rotate: null, notifyBeforeExpiry: null }

export const isNoPolicy = (policy: RotationPolicyInput | null): boolean =>
  !policy || (!policy.expiryTime && !policy.rotate && !policy.notifyBeforeExpiry)

const iso = ({ count, unit }: Span): string => `P${count}${unit}`

/** Reads `P90D`, `P18M`, `P2Y`; null for what a person would not have written here. */
export function parseSpan(duration: string | null): Span | null {
  const [, count, unit] = /^P(\d+)([DMY])$/.exec(duration ?? '') ?? []
  return count && unit ? { count: Number(count), unit: unit as Unit } : null
}

export function draftOfPolicy(policy: RotationPolicyInput | null): RotationDraft {
  if (!policy || isNoPolicy(policy)) return PROPOSAL
  const { timeAfterCreate = null, timeBeforeExpiry = null } = policy.rotate ?? {}
  return {
    expiry: parseSpan(policy.expiryTime),
    auto: policy.rotate !== null,
    option: timeBeforeExpiry ? 'beforeExpiry' : 'afterCreation',
    at: parseSpan(timeAfterCreate ?? timeBeforeExpiry) ?? PROPOSAL.at,
    notify: parseSpan(policy.notifyBeforeExpiry),
  }
}

/** `notices` is false for a Managed HSM, which sends none. */
export function policyOfDraft(draft: RotationDraft, notices: boolean): RotationPolicyInput {
  const at = iso(draft.at)
  const after = draft.option === 'afterCreation'
  return {
    expiryTime: draft.expiry && iso(draft.expiry),
    rotate: draft.auto ? { timeAfterCreate: after ? at : null, timeBeforeExpiry: after ? null : at } : null,
    notifyBeforeExpiry: notices && draft.expiry && draft.notify ? iso(draft.notify) : null,
  }
}

const words = ({ count, unit }: Span): string => `${count} ${count === 1 ? UNITS[unit].slice(0, -1) : UNITS[unit]}`

/** A policy in a sentence. */
export function describePolicy(policy: RotationPolicyInput | null): string {
  if (!policy || isNoPolicy(policy)) return 'Not configured'
  const { expiry, auto, option, at } = draftOfPolicy(policy)
  const expires = expiry ? `each version expires ${words(expiry)} after its creation` : 'versions do not expire'
  if (!auto) return `No automatic rotation; ${expires}.`
  return `A new version ${words(at)} ${option === 'afterCreation' ? 'after the last one' : 'before expiry'}; ${expires}.`
}
