import type { KeyVersionView } from '@/server/keys/contract'

/** What may change of a key version. */
export type VersionDraft = {
  enabled: boolean
  notBefore: string | null
  expires: string | null
  keyOps: string[]
}

export const KEY_OPERATION_LABELS: Record<string, string> = {
  encrypt: 'Encrypt',
  decrypt: 'Decrypt',
  sign: 'Sign',
  verify: 'Verify',
  wrapKey: 'Wrap Key',
  unwrapKey: 'Unwrap Key',
}

/** A key exchange key has one operation of its own, and no other. */
export const labelsFor = (keyOps: string[]): Record<string, string> =>
  keyOps.includes('import') ? { import: 'Import' } : KEY_OPERATION_LABELS

export const versionDraft = (v: KeyVersionView): VersionDraft => ({
  enabled: v.enabled,
  notBefore: v.notBefore,
  expires: v.expires,
  keyOps: v.keyOps,
})

/** What of the draft differs: only that is sent. */
export function versionPatch(before: VersionDraft, after: VersionDraft): Partial<VersionDraft> {
  const patch: Partial<VersionDraft> = {}
  if (after.enabled !== before.enabled) patch.enabled = after.enabled
  if (after.notBefore !== before.notBefore) patch.notBefore = after.notBefore
  if (after.expires !== before.expires) patch.expires = after.expires
  if ([...after.keyOps].sort().join() !== [...before.keyOps].sort().join()) patch.keyOps = after.keyOps
  return patch
}

export const isUnchanged = (patch: Partial<VersionDraft>): boolean => Object.keys(patch).length === 0

const SERVER_OPERATIONS = ['wrapKey', 'unwrapKey']

/**
 * Whether and from when a change costs servers their key: at once when it disables, expires in the past, activates in
 * the future or forbids wrapping; later when it sets an expiry date; null when it costs nothing.
 * @param nowMs virtual now
 */
export function harmOf(
  before: VersionDraft,
  after: VersionDraft,
  nowMs: number,
): { from: 'now' } | { from: string } | null {
  const patch = versionPatch(before, after)
  if (patch.enabled === false) return { from: 'now' }
  if (patch.notBefore && Date.parse(patch.notBefore) > nowMs) return { from: 'now' }
  if (patch.keyOps && SERVER_OPERATIONS.some((op) => before.keyOps.includes(op) && !after.keyOps.includes(op)))
    return { from: 'now' }
  if (!patch.expires) return null
  return Date.parse(patch.expires) <= nowMs ? { from: 'now' } : { from: patch.expires }
}
