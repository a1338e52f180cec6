import type { Vault } from '@/server/keyvault/model'
import { resolveVaultHost, vaultKeys } from '@/server/keyvault/service'
import type { SurfaceEnv } from '../env'
import { handleKeyStore, type KeyStoreDoor } from './door'

const VAULT_DOOR: KeyStoreDoor<Vault> = { type: 'vault', find: resolveVaultHost, keys: vaultKeys }

/** Serves `{vault}.vault.localhost`: the keys data plane of Key Vault, api-versions 7.x and 2025-07-01 alike. */
export const handleKeyVault = (request: Request, env: SurfaceEnv): Promise<Response> =>
  handleKeyStore(request, env, VAULT_DOOR)
