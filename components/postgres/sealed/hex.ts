export const LINE_BYTES = 16

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

/** One line of 16 bytes as hex dumps show it: offset, bytes, and what is readable of them. */
export function hexLine(bytes: Uint8Array, line: number): string {
  const at = line * LINE_BYTES
  const part = [...bytes.subarray(at, at + LINE_BYTES)]
  const digits = part.map((byte) => hex(byte, 2)).join(' ')
  const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
  return `${hex(at, 4)}  ${digits.padEnd(LINE_BYTES * 3 - 1)}  ${text}`
}

/** Lines worth showing of a page: those of empty space (zeros) are left out, the same ones on both sides. */
export function shownLines(opened: Uint8Array | null, total: number, all: boolean): number[] {
  const lines = Array.from({ length: Math.ceil(total / LINE_BYTES) }, (_, i) => i)
  if (all || !opened) return lines
  return lines.filter((i) => opened.subarray(i * LINE_BYTES, (i + 1) * LINE_BYTES).some((byte) => byte !== 0))
}

/** Shannon's entropy of single bytes, in bits: 8 is what chance looks like. */
export function entropyOf(bytes: Uint8Array): number {
  const counts = new Map<number, number>()
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / bytes.length) * Math.log2(count / bytes.length)
  return bits
}

/** The tweak of a page's encryption: its number, little-endian, in 16 bytes. */
export const tweakOf = (page: number): string =>
  Array.from({ length: 16 }, (_, i) => hex(i < 4 ? (page >>> (8 * i)) & 0xff : 0, 2)).join('')
