import 'server-only'
import { restoreManagedIdentity } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { findVaultByName, recoverVault } from '@/server/keyvault/service'
import type { ServerView } from '@/server/postgres/contract'
import { brokenLink, type RepairTarget } from '@/server/queries/key-case'
import { keysOf } from '@/server/queries/key-stores'
import { mend } from './mend-precondition'

/**
 * Mends the broken link that the server's last check found. Which one it is says the server, not the browser.
 * @throws AppError of the service that owns what is mended; `Conflict` when nothing is broken or no button mends it.
 */
export async function repairKeyAccess(ctx: Ctx, server: ServerView): Promise<void> {
  const broken = brokenLink(server.encryption)
  if (!broken?.kind) {
    throw new AppError('Conflict', { publicMessage: 'The server is no longer broken in that way. Check it again.' })
  }
  const { kind, target } = broken
  const store = { type: target.storeType, name: target.storeName }
  switch (kind) {
    case 'restoreIdentity':
      await restoreManagedIdentity(ctx, target.principalId ?? '')
      return
    case 'recoverVault':
      await recover(ctx, target)
      return
    case 'recoverKey':
      await keysOf(ctx, store).recover(target.keyName)
      return
    default: {
      const use = server.encryption[broken.role]!
      await mend(ctx, kind, { identityId: target.identityId ?? '', keyUri: use.wrappedByKid ?? use.keyUri })
    }
  }
}

async function recover(ctx: Ctx, { storeName }: RepairTarget): Promise<void> {
  const vault = await findVaultByName(ctx, storeName)
  if (!vault)
    throw new AppError('VaultNotFound', { publicMessage: `There is no vault '${storeName}' that you may see.` })
  await recoverVault(ctx, vault.id)
}
