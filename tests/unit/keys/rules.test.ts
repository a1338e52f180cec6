import { describe, expect, it } from 'vitest'
import { AppError } from '@/server/kernel/errors'
import type { RotationPolicyInput } from '@/server/keys/contract'
import { type CryptoOperation, HSM_LIMITS, VAULT_LIMITS } from '@/server/keys/model'
import { addDuration, assertOperationAllowed, checkRotationPolicy, planKey, rotationDueAt } from '@/server/keys/rules'

const NOW = new Date('2030-01-01T00:00:00Z')
const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
const verdict = (work: () => unknown): string => {
  try {
    work()
    return 'ok'
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

const ALL: CryptoOperation[] = ['encrypt', 'wrapKey', 'sign', 'decrypt', 'unwrapKey', 'verify']
const PROTECTING = ALL.slice(0, 3)
const usable = { enabled: true, notBefore: null, expires: null, keyOps: ALL as string[] }
const allowed = (key: Partial<typeof usable> | object, operation: CryptoOperation) =>
  verdict(() => assertOperationAllowed({ ...usable, ...key }, operation, NOW))

describe('what a key may do (Key Vault, key attributes)', () => {
  it.each(ALL)('%s is refused on a disabled key, whatever else holds', (operation) => {
    expect(allowed({ enabled: false }, operation)).toBe('KeyDisabled')
    expect(allowed({ enabled: false, expires: at(-1), keyOps: [] }, operation)).toBe('KeyDisabled')
  })

  it.each(ALL)('%s outside the validity window', (operation) => {
    const protects = PROTECTING.includes(operation)
    expect(allowed({ notBefore: at(1) }, operation)).toBe(protects ? 'KeyNotYetValid' : 'ok')
    expect(allowed({ notBefore: at(0) }, operation)).toBe('ok')
    expect(allowed({ expires: at(1) }, operation)).toBe('ok')
    expect(allowed({ expires: at(0) }, operation)).toBe(protects ? 'KeyExpired' : 'ok')
  })

  it.each(ALL)('%s needs its key operation', (operation) => {
    expect(allowed({ keyOps: ALL.filter((op) => op !== operation) }, operation)).toBe('KeyOperationForbidden')
    expect(allowed({ keyOps: [operation] }, operation)).toBe('ok')
  })
})

describe('a request for a key', () => {
  it('gets what it leaves out', () => {
    expect(planKey('k', { kty: 'EC' }, false)).toMatchObject({ kty: 'EC', crv: 'P-256', keySize: null, enabled: true })
    expect(planKey('k', { kty: 'RSA' }, true)).toMatchObject({ kty: 'RSA-HSM', keySize: 2048, crv: null })
    expect(planKey('k', { kty: 'rsa-hsm', keyOps: ['sign', 'sign'] }, true).keyOps).toEqual(['sign'])
  })

  it.each([
    ['', { kty: 'RSA' }, 'BadParameter'],
    ['a'.repeat(128), { kty: 'RSA' }, 'BadParameter'],
    ['k', { kty: 'oct-HSM' }, 'KeyTypeUnsupported'],
    ['k', { kty: 'RSA', keySize: 2047 }, 'BadParameter'],
    ['k', { kty: 'EC', crv: 'secp256k1' }, 'BadParameter'],
    ['k', { kty: 'RSA', notBefore: at(1), expires: at(1) }, 'BadParameter'],
    ['k', { kty: 'RSA', tags: Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, ''])) }, 'BadParameter'],
    ['k', { kty: 'RSA', tags: { a: 'x'.repeat(257) } }, 'BadParameter'],
  ])('of name "%s" as %o is refused', (name, spec, code) => {
    expect(verdict(() => planKey(name, spec, false))).toBe(code)
  })
})

const policy = (more: Partial<RotationPolicyInput> & { after?: string; before?: string }): RotationPolicyInput => ({
  expiryTime: more.expiryTime ?? null,
  notifyBeforeExpiry: more.notifyBeforeExpiry ?? null,
  rotate:
    more.after || more.before ? { timeAfterCreate: more.after ?? null, timeBeforeExpiry: more.before ?? null } : null,
})

describe('a rotation policy', () => {
  it.each([
    ['of nothing', {}, 'ok', 'ok'],
    ['with an expiry of 28 days', { expiryTime: 'P28D' }, 'ok', 'ok'],
    ['with an expiry below 28 days', { expiryTime: 'P27D' }, 'BadParameter', 'BadParameter'],
    ['that rotates after 7 days', { after: 'P7D' }, 'ok', 'BadParameter'],
    ['that rotates after 6 days', { after: 'P6D' }, 'BadParameter', 'BadParameter'],
    ['that rotates after 28 days', { after: 'P28D' }, 'ok', 'ok'],
    ['that rotates after a month and has 90 days', { after: 'P1M', expiryTime: 'P90D' }, 'ok', 'ok'],
    ['that rotates 7 days before expiry', { before: 'P7D', expiryTime: 'P90D' }, 'ok', 'ok'],
    ['that rotates before no expiry', { before: 'P30D' }, 'BadParameter', 'BadParameter'],
    ['that rotates too soon after creation', { before: 'P85D', expiryTime: 'P90D' }, 'BadParameter', 'BadParameter'],
    ['that rotates 20 days after creation', { before: 'P70D', expiryTime: 'P90D' }, 'ok', 'BadParameter'],
    ['with two triggers', { after: 'P30D', before: 'P30D', expiryTime: 'P90D' }, 'BadParameter', 'BadParameter'],
    ['with a notice', { notifyBeforeExpiry: 'P30D', expiryTime: 'P90D' }, 'ok', 'BadParameter'],
    ['in no duration', { after: '30 days' }, 'BadParameter', 'BadParameter'],
  ])('%s: %o is %s in a vault, %s in an HSM', (_what, more, vault, hsm) => {
    expect(verdict(() => checkRotationPolicy(policy(more), VAULT_LIMITS.rotation))).toBe(vault)
    expect(verdict(() => checkRotationPolicy(policy(more), HSM_LIMITS.rotation))).toBe(hsm)
  })

  it('is due after creation or before expiry, in the calendar of UTC', () => {
    const key = { createdAt: new Date('2030-01-31T00:00:00Z'), expires: new Date('2030-12-31T00:00:00Z') }
    expect(rotationDueAt(policy({ after: 'P1M' }), key)).toEqual(new Date('2030-02-28T00:00:00Z'))
    expect(rotationDueAt(policy({ before: 'P30D' }), key)).toEqual(new Date('2030-12-01T00:00:00Z'))
    expect(rotationDueAt(policy({ before: 'P30D' }), { ...key, expires: null })).toBeNull()
    expect(rotationDueAt(null, key)).toBeNull()
    expect(addDuration(NOW, 'P1Y10D')).toEqual(new Date('2031-01-11T00:00:00Z'))
  })
})
