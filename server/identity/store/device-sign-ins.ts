import type { Db } from '@/server/kernel/db'

export type DeviceSignIn = {
  /** SHA-256 of the device code, in hex. */
  id: string
  userCode: string
  tenantId: string
  clientId: string
  principalId: string | null
  declined: boolean
  /** Real time in milliseconds. */
  expiresMs: bigint
}

/** Starts a sign-in, and forgets those that nobody finished. */
export async function insertDeviceSignIn(db: Db, row: Omit<DeviceSignIn, 'principalId' | 'declined'>, nowMs: number) {
  await db.deviceSignIn.deleteMany({ where: { expiresMs: { lt: BigInt(nowMs - 3_600_000) } } })
  await db.deviceSignIn.create({ data: row })
}

export const findByUserCode = (db: Db, userCode: string): Promise<DeviceSignIn | null> =>
  db.deviceSignIn.findUnique({ where: { userCode } })

export const findByDeviceCode = (db: Db, id: string): Promise<DeviceSignIn | null> =>
  db.deviceSignIn.findUnique({ where: { id } })

/** Decides an undecided sign-in; false when it is none, or was decided already. */
export async function decide(db: Db, id: string, principalId: string | null): Promise<boolean> {
  const where = { id, principalId: null, declined: false }
  const { count } = await db.deviceSignIn.updateMany({ where, data: { principalId, declined: principalId === null } })
  return count === 1
}

/** Takes a sign-in out; true for the one who got it. */
export const take = async (db: Db, id: string): Promise<boolean> =>
  (await db.deviceSignIn.deleteMany({ where: { id } })).count === 1
