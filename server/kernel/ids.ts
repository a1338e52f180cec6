import { createHash, randomBytes, randomUUID } from 'node:crypto'

/** A fresh GUID (lower case, dashes). */
export const newId = (): string => randomUUID()

/** A fresh key version id: 32 lower-case hex characters, no dashes. */
export const newVersionId = (): string => randomBytes(16).toString('hex')

/** The same GUID for the same name: for things that must exist once however often a step runs. */
export function stableId(name: string): string {
  const h = createHash('sha256').update(name).digest('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-5${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20, 32)}`
}

/** A number from 0 to below 1 that is the same for the same name: chance that a replay repeats. */
export const stableFraction = (name: string): number =>
  createHash('sha256').update(name).digest().readUInt32BE(0) / 2 ** 32
