import type { Ctx, Principal } from '@/server/kernel/context'
import type { Db } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { realNowMs } from '@/server/kernel/time'
import { hashCode, newDeviceCode, newUserCode } from '../crypto'
import { readUserCode } from '../rules'
import * as store from '../store/device-sign-ins'
import { findPrincipal, listPersonas } from './principals'

/** People and devices wait in real time, whatever the tenant's clock does. */
export const DEVICE_SIGN_IN_SECONDS = 900

/** Begins the sign-in of a person on a device: the device keeps one code, the person enters the other in a browser. */
export async function beginDeviceSignIn(
  db: Db,
  { tenantId, clientId }: { tenantId: string; clientId: string },
): Promise<{ deviceCode: string; userCode: string }> {
  const deviceCode = newDeviceCode()
  const userCode = newUserCode()
  const expiresMs = BigInt(realNowMs() + DEVICE_SIGN_IN_SECONDS * 1000)
  await store.insertDeviceSignIn(db, { id: hashCode(deviceCode), userCode, tenantId, clientId, expiresMs }, realNowMs())
  return { deviceCode, userCode }
}

const isOver = ({ expiresMs }: store.DeviceSignIn) => Number(expiresMs) <= realNowMs()

/** The sign-in that waits under a code as a person typed it; null when none does. */
export async function findDeviceSignIn(db: Db, typed: string): Promise<{ tenantId: string; clientId: string } | null> {
  const found = await waiting(db, typed)
  return found && { tenantId: found.tenantId, clientId: found.clientId }
}

async function waiting(db: Db, typed: string): Promise<store.DeviceSignIn | null> {
  const code = readUserCode(typed)
  const found = code === null ? null : await store.findByUserCode(db, code)
  return found && !isOver(found) && found.principalId === null && !found.declined ? found : null
}

/**
 * Signs a person in on the device that waits under a code, or declines (null).
 * SIMULATED: nobody proves who she is; one plays the part of any person of the tenant, as in the portal.
 * @throws AppError `ResourceNotFound` when no sign-in waits under the code, or there is no such person.
 */
export async function decideDeviceSignIn(
  ctx: Pick<Ctx, 'db' | 'tenantId'>,
  typed: string,
  objectId: string | null,
): Promise<void> {
  const found = await waiting(ctx.db, typed)
  const person = objectId === null || (await listPersonas(ctx)).some((p) => p.objectId === objectId)
  if (found?.tenantId === ctx.tenantId && person && (await store.decide(ctx.db, found.id, objectId))) return
  throw new AppError('ResourceNotFound', { publicMessage: 'No sign-in waits under this code any more.' })
}

export type DeviceSignInState =
  | 'unknown'
  | 'pending'
  | 'declined'
  | 'expired'
  | { principal: Principal; tenantId: string }

/** How far a device's sign-in is. Once it is done it is told once. */
export async function redeemDeviceSignIn(db: Db, deviceCode: string, clientId: string): Promise<DeviceSignInState> {
  const found = await store.findByDeviceCode(db, hashCode(deviceCode))
  if (!found || found.clientId !== clientId) return 'unknown'
  if (isOver(found)) return 'expired'
  if (found.declined) return 'declined'
  if (found.principalId === null) return 'pending'
  const principal = await findPrincipal({ db, tenantId: found.tenantId }, found.principalId)
  if (!principal || !(await store.take(db, found.id))) return 'unknown'
  return { principal, tenantId: found.tenantId }
}
