import { keyName } from '@/server/keys/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import { policyOfDraft, type RotationDraft } from './rotation-draft'

export type KeyDraft = {
  name: string
  kty: 'RSA' | 'RSA-HSM' | 'EC' | 'EC-HSM'
  keySize: number
  crv: string
  enabled: boolean
  notBefore: string | null
  expires: string | null
  tags: { name: string; value: string }[]
  rotation: RotationDraft | null
}

export const CURVES = ['P-256', 'P-384', 'P-521', 'P-256K'] as const

/** Key types that a store makes; the first is proposed. */
export function keyTypes(store: StoreRef, premium: boolean): KeyDraft['kty'][] {
  if (store.type === 'managedhsm') return ['RSA-HSM', 'EC-HSM']
  return premium ? ['RSA', 'RSA-HSM', 'EC', 'EC-HSM'] : ['RSA', 'EC']
}

export const newKeyDraft = (kty: KeyDraft['kty']): KeyDraft => ({
  name: '',
  kty,
  keySize: 2048,
  crv: 'P-256',
  enabled: true,
  notBefore: null,
  expires: null,
  tags: [],
  rotation: null,
})

export const isRsa = (kty: KeyDraft['kty']): boolean => kty.startsWith('RSA')

/** Faults by field, found before anything is sent. */
export function keyFaults(draft: KeyDraft, taken: string[]): Record<string, string> {
  const faults: Record<string, string> = {}
  const parsed = keyName.safeParse(draft.name)
  if (!parsed.success) faults.name = parsed.error.issues[0]!.message
  else if (taken.some((name) => name.toLowerCase() === draft.name.toLowerCase()))
    faults.name =
      'A key of this name exists: creating it again makes a new version, which is better done by Rotate now.'
  if (draft.notBefore && draft.expires && draft.expires <= draft.notBefore)
    faults.expires = 'The expiration date must be later than the activation date.'
  const names = draft.tags.map((t) => t.name)
  if (names.some((name, i) => !name || names.indexOf(name) !== i)) faults.tags = 'Give each tag a name of its own.'
  return faults
}

/** The form as the action takes it. */
export function toNewKey(store: StoreRef, draft: KeyDraft) {
  const rsa = isRsa(draft.kty)
  return {
    store,
    name: draft.name,
    kty: draft.kty,
    keySize: rsa ? draft.keySize : null,
    crv: rsa ? null : draft.crv,
    enabled: draft.enabled,
    notBefore: draft.notBefore,
    expires: draft.expires,
    tags: Object.fromEntries(draft.tags.map((t) => [t.name, t.value])),
    rotationPolicy: draft.rotation && policyOfDraft(draft.rotation, store.type === 'vault'),
  }
}
