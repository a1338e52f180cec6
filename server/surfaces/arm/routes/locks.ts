import { z } from 'zod'
import { LOCK_LEVELS, type LockView } from '@/server/identity/contract'
import { deleteLock, listLocks, setLock } from '@/server/identity/service'
import { sameId } from '@/server/kernel/resource-id'
import { ArmError } from '../errors'
import { readBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'

const body = z.object({ properties: z.object({ level: z.enum(LOCK_LEVELS), notes: z.string().nullish() }) })

const TYPE = 'Microsoft.Authorization/locks'
const LOCKS = `{scope}/providers/${TYPE}`

const shape = ({ scope, name, level, notes }: LockView) => ({
  id: `${scope.replace(/\/$/, '')}/providers/${TYPE}/${name}`,
  name,
  type: TYPE,
  properties: { level, ...(notes && { notes }) },
})

const own = async ({ ctx, params }: ArmCall): Promise<LockView | undefined> =>
  (await listLocks(ctx, params.scope!)).find((lock) => !lock.inherited && sameId(lock.name, params.n!))

async function get(call: ArmCall): Promise<ArmReply> {
  const lock = await own(call)
  if (lock) return { body: shape(lock) }
  throw new ArmError(404, 'LockNotFound', `The lock '${call.params.n}' could not be found.`)
}

async function put(call: ArmCall): Promise<ArmReply> {
  const { level, notes } = (await readBody(call.request, body)).properties
  const known = await own(call)
  const lock = await setLock(call.ctx, { scope: call.params.scope!, name: call.params.n!, level, notes: notes ?? '' })
  return { status: known ? 200 : 201, body: shape(lock) }
}

export const lockRoutes = [
  route('GET', LOCKS, async ({ ctx, params }) => list((await listLocks(ctx, params.scope!)).map(shape))),
  route('GET', `${LOCKS}/{n}`, get),
  route('PUT', `${LOCKS}/{n}`, put),
  route('DELETE', `${LOCKS}/{n}`, async ({ ctx, params }) => ({
    status: (await deleteLock(ctx, params.scope!, params.n!)) ? 200 : 204,
  })),
]
