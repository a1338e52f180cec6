import { keyName } from '@/server/keys/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import { policyOfDraft, type RotationDraft } from './rotation-draft'

/** What a new key has wherever it comes from. */
export type AttributesDraft = {
  name: string
  enabled: boolean
  notBefore: string | null
  expires: string | null
  tags: { name: string; value: string }[]
}

export type KeyDraft = AttributesDraft & {
  kty: 'RSA' | 'RSA-HSM' | 'EC' | 'EC-HSM' | 'oct-HSM'
  keySize: number
  octSize: number
  crv: string
  /** Made to open transfer files, and for nothing else. */
  exchange: boolean
  rotation: RotationDraft | null
}

export type ImportDraft = AttributesDraft & {
  file: { name: string; base64: string } | null
  password: string
  hardware: boolean
  transferredType: 'RSA-HSM' | 'EC-HSM' | 'oct-HSM'
}

export const CURVES = ['P-256', 'P-384', 'P-521', 'P-256K'] as const
export const OCT_SIZES = [128, 192, 256] as const

/** Key types that a store makes; the first is proposed. */
export function keyTypes(store: StoreRef, premium: boolean): KeyDraft['kty'][] {
  if (store.type === 'managedhsm') return ['RSA-HSM', 'EC-HSM', 'oct-HSM']
  return premium ? ['RSA', 'RSA-HSM', 'EC', 'EC-HSM'] : ['RSA', 'EC']
}

const newAttributes: AttributesDraft = { name: '', enabled: true, notBefore: null, expires: null, tags: [] }

export const newKeyDraft = (kty: KeyDraft['kty']): KeyDraft => ({
  ...newAttributes,
  kty,
  keySize: 2048,
  octSize: 256,
  crv: 'P-256',
  exchange: false,
  rotation: null,
})

export const newImportDraft = (): ImportDraft => ({
  ...newAttributes,
  file: null,
  password: '',
  hardware: false,
  transferredType: 'RSA-HSM',
})

export const isRsa = (kty: KeyDraft['kty']): boolean => kty.startsWith('RSA')

export const isTaken = (name: string, taken: string[]): boolean =>
  taken.some((other) => other.toLowerCase() === name.toLowerCase())

function attributeFaults(draft: AttributesDraft): Record<string, string> {
  const faults: Record<string, string> = {}
  const parsed = keyName.safeParse(draft.name)
  if (!parsed.success) faults.name = parsed.error.issues[0]!.message
  if (draft.notBefore && draft.expires && draft.expires <= draft.notBefore)
    faults.expires = 'The expiration date must be later than the activation date.'
  const names = draft.tags.map((t) => t.name)
  if (names.some((name, i) => !name || names.indexOf(name) !== i)) faults.tags = 'Give each tag a name of its own.'
  return faults
}

/** Faults by field, found before anything is sent. */
export function keyFaults(draft: KeyDraft, taken: string[]): Record<string, string> {
  const faults = attributeFaults(draft)
  if (!faults.name && isTaken(draft.name, taken))
    faults.name =
      'A key of this name exists: creating it again makes a new version, which is better done by Rotate now.'
  return faults
}

export const importFaults = (draft: ImportDraft): Record<string, string> => ({
  ...attributeFaults(draft),
  ...(draft.file ? {} : { file: 'Choose a file.' }),
})

const toAttributes = (store: StoreRef, { name, enabled, notBefore, expires, tags }: AttributesDraft) => ({
  store,
  name,
  enabled,
  notBefore,
  expires,
  tags: Object.fromEntries(tags.map((t) => [t.name, t.value])),
})

/** The form as the action takes it. */
export function toNewKey(store: StoreRef, draft: KeyDraft) {
  const { kty } = draft
  return {
    ...toAttributes(store, draft),
    kty,
    keySize: isRsa(kty) ? draft.keySize : kty === 'oct-HSM' ? draft.octSize : null,
    crv: kty.startsWith('EC') ? draft.crv : null,
    ...(draft.exchange && kty === 'RSA-HSM' && { keyOps: ['import'] }),
    rotationPolicy: draft.rotation && policyOfDraft(draft.rotation, store.type === 'vault'),
  }
}

/** The form as the action takes it. */
export const toImportedKey = (store: StoreRef, draft: ImportDraft) => ({
  ...toAttributes(store, draft),
  file: draft.file?.base64 ?? '',
  password: draft.password,
  hardware: draft.hardware || store.type === 'managedhsm',
  transferredType: draft.transferredType,
})
