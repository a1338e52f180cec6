import 'server-only'
import { readConfig } from '@/server/kernel/config'
import { openMasterKey } from '@/server/kernel/master-key'
import { masterKeyVault } from '@/server/wiring'

/**
 * Opens the master key by the vault that guards it and leaves it where the runtime finds it. Apart from the runtime,
 * whose first use cannot wait for a vault.
 */
export async function openPortalCustody(): Promise<void> {
  const shared = globalThis as typeof globalThis & { portcullisMasterKey?: Buffer }
  shared.portcullisMasterKey = await openMasterKey(readConfig(), masterKeyVault)
}
