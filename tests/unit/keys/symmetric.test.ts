import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAppError } from '@/server/kernel/errors'
import { decryptOct, encryptOct, OCT_CIPHERS, OCT_WRAP_ALGORITHMS } from '@/server/keys/symmetric'

const cases = Object.entries({ ...OCT_WRAP_ALGORITHMS, ...OCT_CIPHERS }).flatMap(([alg, how]) =>
  (how.bits === null ? [128, 192, 256] : [how.bits]).map((bits) => ({ alg, bits, how })),
)
const STEP = { KW: 8, CBC: 16, KWP: 1, CBCPAD: 1, GCM: 1 }
const LEAST = { KW: 2, CBC: 1, KWP: 1, CBCPAD: 0, GCM: 0 }

describe('symmetric keys', () => {
  it.each(cases)(
    '$alg under $bits bits opens whatever it sealed, and nothing that was changed',
    ({ alg, bits, how }) => {
      const key = randomBytes(bits / 8)
      const units = fc.integer({ min: LEAST[how.mode], max: 40 })
      const input = units.chain((n) => fc.uint8Array({ minLength: n * STEP[how.mode], maxLength: n * STEP[how.mode] }))
      fc.assert(
        fc.property(input, fc.nat(), (value, at) => {
          const parts = how.mode.startsWith('CBC') ? { iv: Buffer.alloc(16, 5) } : { aad: Buffer.from('with') }
          const sealed = encryptOct(key, alg, how, { value, ...parts })
          expect(decryptOct(key, alg, how, sealed)).toEqual(Buffer.from(value))
          if (how.mode.startsWith('CBC') || sealed.value.length === 0) return
          const changed = Buffer.from(sealed.value)
          changed[at % changed.length]! ^= 1
          expect(refusal(() => decryptOct(key, alg, how, { ...sealed, value: changed }))).toBe('BadParameter')
        }),
        { numRuns: 40 },
      )
    },
  )

  it.each(cases)('$alg takes no key of another size than $bits bits', ({ alg, bits, how }) => {
    if (how.bits === null) return
    const wrong = randomBytes(bits === 128 ? 32 : 16)
    expect(refusal(() => encryptOct(wrong, alg, how, { value: Buffer.alloc(16), iv: Buffer.alloc(16) }))).toBe(
      'BadParameter',
    )
  })
})

const refusal = (work: () => unknown): string => {
  try {
    work()
    return 'no error'
  } catch (error) {
    return isAppError(error) ? error.code : String(error)
  }
}
