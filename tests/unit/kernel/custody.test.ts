import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readConfig } from '@/server/kernel/config'
import { createCustody } from '@/server/kernel/custody'
import { loadMasterKey } from '@/server/kernel/master-key'

const custody = createCustody(Buffer.alloc(32, 1))

test('what is sealed opens under the same purpose and context, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), fc.string(), (plain, context) => {
      const sealed = custody.seal('test', context, plain)
      expect(custody.open('test', context, sealed)).toEqual(Buffer.from(plain))
    }),
  )
})

test('sealing the same twice gives different bytes', () => {
  const a = custody.seal('test', 'c', Buffer.from('secret'))
  expect(Buffer.from(a).equals(custody.seal('test', 'c', Buffer.from('secret')))).toBe(false)
})

test.each([
  ['another purpose', () => custody.open('other', 'c', sealed)],
  ['another context', () => custody.open('test', 'd', sealed)],
  ['another master key', () => createCustody(Buffer.alloc(32, 2)).open('test', 'c', sealed)],
  ['a truncated seal', () => custody.open('test', 'c', sealed.subarray(0, 20))],
  ['an unknown format version', () => custody.open('test', 'c', Uint8Array.from([9, ...sealed.subarray(1)]))],
])('sealed bytes do not open under %s', (_name, open) => {
  expect(open).toThrow(/cannot be opened/)
})
const sealed = custody.seal('test', 'c', Buffer.from('secret'))

test('flipping any bit of a seal is noticed', () => {
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const bytes = Buffer.from(sealed)
    bytes[bit >> 3]! ^= 1 << (bit & 7)
    expect(() => custody.open('test', 'c', bytes)).toThrow(/cannot be opened/)
  }
})

test('the master key is made once, readable by its owner alone, and is the same at every later start', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-custody-'))
  const config = readConfig({ PORTCULLIS_DATA_DIR: dataDir })
  const first = loadMasterKey(config)
  expect(loadMasterKey(config)).toEqual(first)
  expect(statSync(join(dataDir, 'master.key')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(dataDir, 'master.key'), 'utf8').trim()).toBe(first.toString('hex'))
})

test('a master key from the environment is used instead of the file', () => {
  const hex = 'ab'.repeat(32)
  expect(loadMasterKey(readConfig({ PORTCULLIS_MASTER_KEY: hex })).toString('hex')).toBe(hex)
})
