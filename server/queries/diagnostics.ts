import 'server-only'
import type { SinkView } from '@/server/diagnostics/contract'
import { listSinks } from '@/server/diagnostics/service'
import type { Permission } from '@/server/identity/contract'
import { can } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { type StoreRef, storeOf } from './key-stores'

export type DiagnosticsView = { settings: SinkView[]; permissions: { write: Permission; remove: Permission } }

/** Where a store's audit records go besides being kept. @throws AppError `VaultNotFound`. */
export async function readDiagnostics(ctx: Ctx, store: StoreRef): Promise<DiagnosticsView> {
  const { id } = await storeOf(ctx, store)
  const [settings, write, remove] = await Promise.all([
    listSinks(ctx, id),
    can(ctx, 'Microsoft.Insights/diagnosticSettings/write', id),
    can(ctx, 'Microsoft.Insights/diagnosticSettings/delete', id),
  ])
  return { settings, permissions: { write, remove } }
}
