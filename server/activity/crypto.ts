import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { ChainHead, ChainLink, ChainReport } from './model'

/** A record outside the house is plain JSON; what it says beyond its place in the chain is what the hash covers. */
export type ChainedRecord = { resourceId: string; chain: ChainLink } & Record<string, unknown>

/** What the first record of a store's chain follows, so that no chain passes for another store's. */
export const chainStart = (storeId: string): Buffer =>
  createHash('sha256').update(`portcullis-audit-chain:${storeId.toLowerCase()}`).digest()

/** The bytes of a record that its hash covers: canonical JSON (RFC 8785) in UTF-8. */
export const chainContent = (record: object): Buffer => Buffer.from(canonicalize(record) ?? '')

/** SHA-256 over the hash before, the place (64 bits, big-endian) and the content. The database computes the same. */
export function chainHash(previousHash: Uint8Array, index: number, content: Uint8Array): Buffer {
  const place = Buffer.alloc(8)
  place.writeBigInt64BE(BigInt(index))
  return createHash('sha256').update(previousHash).update(place).update(content).digest()
}

/**
 * Checks records of one store in their order: none changed, none missing between the first and the last, none moved.
 * What lies before the first cannot be judged unless it is number 1; what lies after the last needs `expected`.
 * @param expected end of the chain as its store shows it: then the last record must be it.
 */
export async function verifyChain(
  records: AsyncIterable<ChainedRecord> | Iterable<ChainedRecord>,
  expected?: Partial<ChainHead>,
): Promise<ChainReport> {
  let count = 0
  let store = ''
  let last = null as ChainHead | null
  const broken = (at: number, problem: string): ChainReport => ({ intact: false, records: count, at, problem })
  for await (const { chain, ...record } of records) {
    if (!isLink(chain)) return broken(count + 1, 'it has no place in a chain')
    const resource = String(record.resourceId).toLowerCase()
    if (last === null) store = resource
    if (resource !== store) return broken(chain.index, 'it is another resource’s')
    const follows: number = last ? last.length + 1 : chain.index
    if (chain.index !== follows) return broken(chain.index, `number ${follows} should stand here`)
    const before: string = last?.hash ?? (chain.index === 1 ? chainStart(store).toString('hex') : chain.previousHash)
    if (chain.previousHash !== before) return broken(chain.index, 'it does not follow the record before it')
    const hash: string = chainHash(Buffer.from(before, 'hex'), chain.index, chainContent(record)).toString('hex')
    if (chain.hash !== hash) return broken(chain.index, 'its content was changed')
    last = { length: chain.index, hash }
    count += 1
  }
  const head = last ?? { length: 0, hash: '' }
  if (expected?.hash !== undefined && expected.hash !== head.hash)
    return broken(head.length + 1, `the chain ends elsewhere: records are missing after number ${head.length}`)
  return { intact: true, records: count, head }
}

const isLink = (chain: unknown): chain is ChainLink => {
  const { index, previousHash, hash } = (chain ?? {}) as Partial<ChainLink>
  const hex = (text: unknown) => typeof text === 'string' && /^[0-9a-f]{64}$/.test(text)
  return Number.isSafeInteger(index) && hex(previousHash) && hex(hash)
}
