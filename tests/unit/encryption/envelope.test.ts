import fc from 'fast-check'
import { expect, test } from 'vitest'
import { envelopeMac, generateDek, keyCheckValue, verifyEnvelope } from '@/server/encryption/crypto'
import { type Envelope, WRAP_ALGORITHM } from '@/server/encryption/model'

function envelopeOf(dek: Buffer, wrapped = Buffer.alloc(256, 9)): Envelope {
  const header = {
    serverId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/a',
    role: 'primary' as const,
    sequence: 1,
    kid: 'https://v.vault.localhost/keys/k/0123456789abcdef0123456789abcdef',
    algorithm: WRAP_ALGORITHM,
  }
  return {
    ...header,
    id: '00000000-0000-4000-8000-000000000001',
    wrappedDek: wrapped,
    keyCheckValue: keyCheckValue(dek),
    mac: envelopeMac(dek, header, wrapped),
    createdAt: new Date(0),
    supersededAt: null,
  }
}

test('a fresh data key has 256 bits and is never the same twice', () => {
  const keys = new Set(Array.from({ length: 50 }, () => generateDek().toString('hex')))
  expect(keys.size).toBe(50)
  expect([...keys][0]).toHaveLength(64)
})

test('an untouched envelope opens', () => {
  const dek = generateDek()
  expect(() => verifyEnvelope(dek, envelopeOf(dek))).not.toThrow()
})

test('another data key does not open it, and the key check value says so', () => {
  const dek = generateDek()
  expect(() => verifyEnvelope(generateDek(), envelopeOf(dek))).toThrow(/key check value/)
})

test('a data key of the wrong length does not open it', () => {
  const dek = generateDek()
  expect(() => verifyEnvelope(dek.subarray(0, 31), envelopeOf(dek))).toThrow(/31 bytes instead of 32/)
})

test.each([
  ['serverId', '/subscriptions/other'],
  ['role', 'geo'],
  ['sequence', 2],
  ['kid', 'https://v.vault.localhost/keys/k/ffffffffffffffffffffffffffffffff'],
  ['algorithm', 'RSA-OAEP'],
] as const)('an envelope whose %s was changed does not open', (field, value) => {
  const dek = generateDek()
  expect(() => verifyEnvelope(dek, { ...envelopeOf(dek), [field]: value } as Envelope)).toThrow(/header was changed/)
})

test('parts cannot be shifted between header fields', () => {
  const dek = generateDek()
  const a = envelopeOf(dek)
  const shifted = { ...a, serverId: `${a.serverId}primary`, role: '' as never }
  expect(() => verifyEnvelope(dek, shifted)).toThrow(/header was changed/)
})

test('flipping any one bit of the wrapped key, the check value or the MAC is noticed', () => {
  const dek = generateDek()
  const sizes = { wrappedDek: 256, keyCheckValue: 8, mac: 32 } as const
  const place = fc
    .constantFrom(...(Object.keys(sizes) as (keyof typeof sizes)[]))
    .chain((field) => fc.tuple(fc.constant(field), fc.integer({ min: 0, max: sizes[field] * 8 - 1 })))
  fc.assert(
    fc.property(place, ([field, bit]) => {
      const envelope = envelopeOf(dek)
      const bytes = Buffer.from(envelope[field])
      bytes[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => verifyEnvelope(dek, { ...envelope, [field]: bytes })).toThrow()
    }),
  )
})
