import { z } from 'zod'
import { AppError } from '@/server/kernel/errors'
import type { RotationPolicyInput } from '@/server/keys/contract'
import { type KeyBundle, type RotationPolicy, recoveryLevel, type StoreType } from '@/server/keys/model'
import type { CryptoRequest, CryptoResult } from '@/server/keys/service'

/** The store whose keys are written down, and the address by which the client came. */
export type WireStore = {
  type: StoreType
  /** `https://host[:port]` without a slash at the end. */
  origin: string
  softDelete: boolean
  softDeleteDays: number
  purgeProtection: boolean
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)
export const toBase64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** "0": software; "2": hardware validated to FIPS 140-3 level 3. */
const platform = (key: KeyBundle) => (key.kty.endsWith('-HSM') ? '2' : '0')

const attributes = (key: KeyBundle, store: WireStore) => ({
  enabled: key.enabled,
  ...(key.notBefore && { nbf: seconds(key.notBefore) }),
  ...(key.expires && { exp: seconds(key.expires) }),
  created: seconds(key.createdAt),
  updated: seconds(key.updatedAt),
  recoveryLevel: recoveryLevel(store),
  recoverableDays: store.softDelete ? store.softDeleteDays : 0,
  exportable: false,
  hsmPlatform: platform(key),
})

const tags = (key: KeyBundle) => (Object.keys(key.tags).length ? { tags: key.tags } : {})

export const keyId = (store: WireStore, key: Pick<KeyBundle, 'name'>, version?: string): string =>
  `${store.origin}/keys/${key.name}${version ? `/${version}` : ''}`

/** KeyBundle: the public half only. */
export function toBundle(key: KeyBundle, store: WireStore) {
  const { n, e, x, y } = key.publicJwk
  const material = key.crv ? { crv: key.crv, x, y } : { n, e }
  return {
    key: { kid: keyId(store, key, key.version), kty: key.kty, key_ops: key.keyOps, ...material },
    attributes: attributes(key, store),
    ...tags(key),
  }
}

export const toItem = (key: KeyBundle, store: WireStore, withVersion: boolean) => ({
  kid: keyId(store, key, withVersion ? key.version : undefined),
  attributes: attributes(key, store),
  ...tags(key),
})

/** What deleted keys have besides; without `recoveryId` the SDK takes the store for one without soft delete. */
export const deletion = (key: KeyBundle, store: WireStore) => ({
  ...(store.softDelete && { recoveryId: `${store.origin}/deletedkeys/${key.name}` }),
  ...(key.deletedAt && { deletedDate: seconds(key.deletedAt) }),
  ...(key.scheduledPurgeAt && { scheduledPurgeDate: seconds(key.scheduledPurgeAt) }),
})

const bad = (publicMessage: string) => new AppError('BadParameter', { publicMessage })

/** Seconds since 1970; what lies after the year 9999 is no date. */
const intDate = z.number().int().min(0).max(253_402_300_799).nullish()
const keyAttributes = z.object({
  enabled: z.boolean().nullish(),
  nbf: intDate,
  exp: intDate,
  exportable: z.boolean().nullish(),
})
const common = {
  key_ops: z.array(z.string()).nullish(),
  attributes: keyAttributes.nullish(),
  tags: z.record(z.string(), z.string()).nullish(),
  release_policy: z.unknown().optional(),
}
const createBody = z.object({
  kty: z.string(),
  key_size: z.number().int().nullish(),
  crv: z.string().nullish(),
  ...common,
})
const importBody = z.object({ Hsm: z.boolean().nullish(), key: z.looseObject({ kty: z.string() }), ...common })
const updateBody = z.object(common)
const operationBody = z.object({
  alg: z.string(),
  value: z.string(),
  iv: z.string().nullish(),
  aad: z.string().nullish(),
  tag: z.string().nullish(),
})
const restoreBody = z.object({ value: z.string() })
const releaseBody = z.object({ target: z.string(), nonce: z.string().nullish(), enc: z.string().nullish() })
const verifyBody = operationBody.extend({ digest: z.string() })
const policyBody = z.object({
  lifetimeActions: z
    .array(
      z.object({
        trigger: z.object({ timeAfterCreate: z.string().nullish(), timeBeforeExpiry: z.string().nullish() }).nullish(),
        action: z.object({ type: z.string() }),
      }),
    )
    .nullish(),
  attributes: z.object({ expiryTime: z.string().nullish() }).nullish(),
})

type Operands = Omit<CryptoRequest, 'name' | 'version'>

/** @throws AppError `BadParameter` naming the property that is wrong. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw bad(`Property ${path.join('.') || 'body'} has invalid value: ${message}`)
}

type Common = z.infer<typeof updateBody>

const toDate = (at: number | null | undefined): Date | null | undefined =>
  at === undefined || at === null ? at : new Date(at * 1000)

function readCommon({ key_ops, attributes, tags, release_policy }: Common) {
  // SIMULATED: a key is released to code that an attestation service vouches for, and there is none here.
  if (attributes?.exportable && !release_policy) throw bad('An exportable key must have a release policy.')
  if (release_policy) throw bad('Exportable keys and their release policies are not part of this simulation.')
  return {
    keyOps: key_ops ?? undefined,
    tags: tags ?? undefined,
    enabled: attributes?.enabled ?? undefined,
    notBefore: toDate(attributes?.nbf),
    expires: toDate(attributes?.exp),
  }
}

export function readCreate(body: unknown) {
  const parsed = parseBody(createBody, body)
  return { kty: parsed.kty, keySize: parsed.key_size, crv: parsed.crv, ...readCommon(parsed) }
}

export function readImport(body: unknown) {
  const parsed = parseBody(importBody, body)
  const { key_ops, key_hsm, ...jwk } = parsed.key
  const ops = parsed.key_ops ?? (Array.isArray(key_ops) ? key_ops.map(String) : undefined)
  const common = readCommon({ ...parsed, key_ops: ops })
  if (key_hsm !== undefined) return { kty: jwk.kty, file: readBytes('key_hsm', String(key_hsm)), ...common }
  return { jwk, hardware: parsed.Hsm ?? false, ...common }
}

export const readUpdate = (body: unknown) => readCommon(parseBody(updateBody, body))

function readBytes(property: string, text: string): Buffer {
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text)) throw bad(`Property ${property} has invalid value: it is not base64url.`)
  return Buffer.from(text, 'base64url')
}

export function readOperation(body: unknown): Operands & { value: Buffer } {
  const { alg, value, iv, aad, tag } = parseBody(operationBody, body)
  return {
    alg,
    value: readBytes('value', value),
    ...(iv != null && { iv: readBytes('iv', iv) }),
    ...(aad != null && { aad: readBytes('aad', aad) }),
    ...(tag != null && { tag: readBytes('tag', tag) }),
  }
}

export const readRestore = (body: unknown): Buffer => readBytes('value', parseBody(restoreBody, body).value)
export const readRelease = (body: unknown) => parseBody(releaseBody, body)

/** KeyOperationResult; symmetric keys bring their vector, tag and associated data along. */
export const toResult = ({ key, value, iv, tag, aad }: CryptoResult, store: WireStore) => ({
  kid: keyId(store, key, key.version),
  value: toBase64url(value),
  ...(iv && { iv: toBase64url(iv) }),
  ...(tag && { tag: toBase64url(tag) }),
  ...(aad && { aad: toBase64url(aad) }),
})

export function readVerification(body: unknown): { alg: string; digest: Buffer; signature: Buffer } {
  const { alg, digest, value } = parseBody(verifyBody, body)
  return { alg, digest: readBytes('digest', digest), signature: readBytes('value', value) }
}

/** @throws AppError `BadParameter` for actions that are unknown, doubled or wrongly triggered. */
export function readPolicy(body: unknown): RotationPolicyInput {
  const { lifetimeActions, attributes } = parseBody(policyBody, body)
  const policy: RotationPolicyInput = {
    expiryTime: attributes?.expiryTime ?? null,
    rotate: null,
    notifyBeforeExpiry: null,
  }
  for (const { action, trigger } of lifetimeActions ?? []) {
    const type = action.type.toLowerCase()
    const timeAfterCreate = trigger?.timeAfterCreate ?? null
    const timeBeforeExpiry = trigger?.timeBeforeExpiry ?? null
    if (type === 'rotate' && !policy.rotate) policy.rotate = { timeAfterCreate, timeBeforeExpiry }
    else if (type === 'notify' && policy.notifyBeforeExpiry === null && timeBeforeExpiry && !timeAfterCreate)
      policy.notifyBeforeExpiry = timeBeforeExpiry
    else throw bad('lifetimeActions takes at most one Rotate and one Notify action; Notify has timeBeforeExpiry only.')
  }
  return policy
}

/** A key that never had a policy: a vault names its standing notice, an HSM nothing. */
const unset = (type: StoreType): RotationPolicyInput => ({
  expiryTime: null,
  rotate: null,
  notifyBeforeExpiry: type === 'vault' ? 'P30D' : null,
})

export function toPolicy(name: string, policy: RotationPolicy | null, store: Pick<WireStore, 'type' | 'origin'>) {
  const { rotate, notifyBeforeExpiry, expiryTime } = policy ?? unset(store.type)
  const trigger = ({ timeAfterCreate, timeBeforeExpiry }: NonNullable<RotationPolicyInput['rotate']>) =>
    timeAfterCreate === null ? { timeBeforeExpiry } : { timeAfterCreate }
  return {
    id: `${store.origin}/keys/${name}/rotationpolicy`,
    lifetimeActions: [
      ...(rotate ? [{ trigger: trigger(rotate), action: { type: 'Rotate' } }] : []),
      ...(notifyBeforeExpiry
        ? [{ trigger: { timeBeforeExpiry: notifyBeforeExpiry }, action: { type: 'Notify' } }]
        : []),
    ],
    attributes: policy
      ? {
          ...(expiryTime && { expiryTime }),
          created: seconds(new Date(policy.createdAt)),
          updated: seconds(new Date(policy.updatedAt)),
        }
      : {},
  }
}
