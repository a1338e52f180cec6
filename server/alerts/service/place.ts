import type { Permission } from '@/server/identity/contract'
import { authorize, canEach, readableFilter, requireResourceGroup } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { parseResourceId, resourceId } from '@/server/kernel/resource-id'

type Place = { subscriptionId: string; resourceGroup: string; name: string }
type Schema<T> = { safeParse(value: unknown): { success: true; data: T } | { success: false; error: Issues } }
type Issues = { issues: { path: PropertyKey[]; message: string }[] }

/** @throws AppError `BadParameter` with messages by field. */
export function parseInput<T>(schema: Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = Object.fromEntries(parsed.error.issues.map((i) => [i.path.join('.'), i.message]))
  const [field, publicMessage] = Object.entries(fields)[0]!
  throw new AppError('BadParameter', { publicMessage, field, fields })
}

/** The resource id of something of this room, whose group must exist and in which the caller may write. */
export async function settle(ctx: Ctx, type: string, place: Place): Promise<{ id: string; resourceGroup: string }> {
  const asked = resourceId({ ...place, type })
  await authorize(ctx, `${type}/write`, asked)
  const { name: resourceGroup } = await requireResourceGroup(ctx, place.subscriptionId, place.resourceGroup)
  return { id: resourceId({ ...place, resourceGroup, type }), resourceGroup }
}

export const permissionsOn = (ctx: Ctx, type: string, id: string): Promise<Record<'write' | 'delete', Permission>> =>
  canEach(ctx, { write: { action: `${type}/write`, scope: id }, delete: { action: `${type}/delete`, scope: id } })

/** Those of the tenant that the caller may read, each with what she may do to it. */
export async function readable<T extends { id: string }, V>(
  ctx: Ctx,
  rows: T[],
  toView: (row: T) => Promise<V>,
): Promise<V[]> {
  const mayRead = await readableFilter(ctx)
  return Promise.all(rows.filter((row) => mayRead(row.id)).map(toView))
}

export const notFound = (id: string) => {
  const { type, name, resourceGroup } = parseResourceId(id) ?? { type: '', name: id, resourceGroup: '' }
  return new AppError('ResourceNotFound', {
    publicMessage: `The Resource '${type}/${name}' under resource group '${resourceGroup}' was not found.`,
  })
}

export const changed = (tx: Ctx) => announce(tx.db, { tenantId: tx.tenantId, topic: 'alerts' })
