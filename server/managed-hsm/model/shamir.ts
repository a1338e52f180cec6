/**
 * Shamir's sharing as Azure's security domains use it: each byte by itself, modulo 257, so that the genuine tools put
 * the shares together. A share is a row of 16-bit little-endian numbers: seven bits of x, nine of the value.
 */
const PRIME = 257
const MOST_SHARES = 126

const mod = (n: number): number => ((n % PRIME) + PRIME) % PRIME

/** By Fermat: n^(p-2). */
function invert(n: number): number {
  let result = 1
  for (let i = 0; i < PRIME - 2; i++) result = mod(result * n)
  return result
}

/**
 * Splits a secret so that any `required` of the shares give it back, and fewer tell nothing about it.
 * @param randomBelow uniformly random whole numbers below its argument.
 */
export function splitSecret(
  secret: Uint8Array,
  { shares, required }: { shares: number; required: number },
  randomBelow: (limit: number) => number,
): Uint8Array[] {
  if (required < 2 || required > shares || shares > MOST_SHARES) throw new RangeError('2 <= required <= shares <= 126')
  const split = Array.from({ length: shares }, () => new Uint8Array(secret.length * 2))
  for (const [at, byte] of secret.entries()) {
    const polynomial = [...Array.from({ length: required - 1 }, () => randomBelow(PRIME)), byte]
    for (const [i, share] of split.entries()) {
      const x = i + 1
      const value = polynomial.reduce((sum, coefficient) => mod(sum * x + coefficient), 0)
      new DataView(share.buffer).setUint16(at * 2, (x << 9) | value, true)
    }
  }
  return split
}

/**
 * Puts a secret together from as many different shares as were required. Too few, or foreign ones, give other bytes.
 * @throws RangeError when the shares cannot belong together.
 */
export function combineShares(shares: Uint8Array[]): Uint8Array {
  const length = shares[0]?.length ?? 0
  if (!length || length % 2 || shares.some((s) => s.length !== length)) throw new RangeError('shares of unequal length')
  const at = (share: Uint8Array, i: number) => {
    const number = share[i * 2]! | (share[i * 2 + 1]! << 8)
    return { x: number >> 9, value: number & 0x1ff }
  }
  const xs = shares.map((share) => at(share, 0).x)
  if (new Set(xs).size < xs.length) throw new RangeError('the same share twice')
  const weights = xs.map((x, i) =>
    xs.reduce((weight, other, j) => (i === j ? weight : mod(weight * other * invert(mod(other - x)))), 1),
  )
  return Uint8Array.from({ length: length / 2 }, (_, i) =>
    weights.reduce((sum, weight, s) => mod(sum + weight * at(shares[s]!, i).value), 0),
  )
}
