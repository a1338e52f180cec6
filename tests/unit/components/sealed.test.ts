import { expect, it } from 'vitest'
import { placeOf } from '@/components/postgres/console/positions'
import { entropyOf, hexLine, shownLines, tweakOf } from '@/components/postgres/sealed/hex'
import { Needle } from '@/server/postgres/service/needle'

it('a line of a hex dump shows offset, bytes and what is readable of them', () => {
  const bytes = new TextEncoder().encode('....0123456789abHello, \u0001page')
  expect(hexLine(bytes, 1)).toBe('0010  48 65 6c 6c 6f 2c 20 01 70 61 67 65              Hello, .page')
})

it('empty space is left out on both sides alike, unless all is asked for or nothing could be opened', () => {
  const opened = new Uint8Array(64)
  opened[17] = 1
  expect(shownLines(opened, 64, false)).toEqual([1])
  expect(shownLines(opened, 64, true)).toHaveLength(4)
  expect(shownLines(null, 64, false)).toHaveLength(4)
})

it('entropy is 0 for one repeated byte and 8 for all bytes alike', () => {
  expect(entropyOf(new Uint8Array(256))).toBe(0)
  expect(entropyOf(Uint8Array.from({ length: 256 }, (_, i) => i))).toBeCloseTo(8)
})

it('the tweak is the number of the page, little-endian', () => {
  expect(tweakOf(258)).toBe(`0201${'00'.repeat(14)}`)
})

it('a word is counted once wherever parts are cut', () => {
  const bytes = Buffer.from('xxneedleyyneedleneedle')
  for (let cut = 0; cut <= bytes.length; cut++) {
    const needle = new Needle('needle')
    needle.feed(bytes.subarray(0, cut))
    needle.feed(bytes.subarray(cut))
    expect(needle.count, `cut at ${cut}`).toBe(3)
  }
  const single = new Needle('needle')
  for (const byte of bytes) single.feed(Buffer.of(byte))
  expect(single.count).toBe(3)
})

it('the place of an error counts characters, as PostgreSQL does, also beyond those that a string counts twice', () => {
  expect(placeOf("SELECT '🔑',\n  nothere", 15)).toEqual({ offset: 15, line: 2, column: 3 })
})
