import 'server-only'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, getManagedIdentity } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { type KeyIdentifier, parseKeyIdentifier } from '@/server/keys/model'
import { findVaultByName, setAccessPolicy, updateVault, vaultKeys } from '@/server/keyvault/service'
import { HSM_ROLE_IDS } from '@/server/managed-hsm/model'
import { assignHsmRole, findHsmByName, hsmKeys, updateManagedHsm } from '@/server/managed-hsm/service'
import type { RuleResult } from '@/server/postgres/contract'

type Mend = NonNullable<RuleResult['fix']>['kind']
type Subject = { identityId: string; keyUri: string }

/** What a server's identity needs under the access-policy model. */
const NEEDED_PERMISSIONS = ['get', 'list', 'wrapKey', 'unwrapKey']

/**
 * Mends what a failed precondition named, by the service that owns it and with the caller's rights.
 * @throws AppError of that service; `BadParameter` when `keyUri` is no key identifier; `IdentityNotFound`, `VaultNotFound`.
 */
export async function mend(ctx: Ctx, kind: Mend, subject: Subject): Promise<void> {
  const key = parseKeyIdentifier(subject.keyUri)
  if (!key) throw new AppError('BadParameter', { publicMessage: 'This is not a key identifier.' })
  await (key.storeType === 'vault' ? mendVault : mendHsm)(ctx, kind, subject, key)
}

async function mendVault(ctx: Ctx, kind: Mend, { identityId }: Subject, key: KeyIdentifier): Promise<void> {
  const vault = await findVaultByName(ctx, key.storeName)
  if (!vault) throw notFound(key.storeName)
  switch (kind) {
    case 'assignRole': {
      const principalId = await principalOf(ctx, identityId)
      const roleDefinitionId = ROLE_IDS.keyVaultCryptoServiceEncryptionUser
      await assignRole(ctx, { scope: vault.id, roleDefinitionId, principalId, principalType: 'ServicePrincipal' })
      return
    }
    case 'grantPolicy': {
      const objectId = await principalOf(ctx, identityId)
      const held = vault.accessPolicies.find((policy) => policy.objectId === objectId)?.keys ?? []
      await setAccessPolicy(ctx, vault.id, { objectId, keys: [...new Set([...held, ...NEEDED_PERMISSIONS])] })
      return
    }
    case 'enablePurgeProtection':
      await updateVault(ctx, vault.id, { purgeProtection: true })
      return
    case 'allowTrustedServices':
      await updateVault(ctx, vault.id, { networkAcls: { ...vault.networkAcls, bypass: 'AzureServices' } })
      return
    case 'enableKey':
      await vaultKeys(ctx, vault.id).update(key.keyName, key.version, { enabled: true })
  }
}

async function mendHsm(ctx: Ctx, kind: Mend, { identityId }: Subject, key: KeyIdentifier): Promise<void> {
  const hsm = await findHsmByName(ctx, key.storeName)
  if (!hsm) throw notFound(key.storeName)
  switch (kind) {
    case 'assignRole': {
      const principalId = await principalOf(ctx, identityId)
      const roleDefinitionId = HSM_ROLE_IDS.cryptoServiceEncryptionUser
      await assignHsmRole(ctx, hsm.id, { scope: `/keys/${key.keyName}`, roleDefinitionId, principalId })
      return
    }
    case 'enablePurgeProtection':
      await updateManagedHsm(ctx, hsm.id, { purgeProtection: true })
      return
    case 'allowTrustedServices':
      await updateManagedHsm(ctx, hsm.id, { networkAcls: { ...hsm.networkAcls, bypass: 'AzureServices' } })
      return
    case 'enableKey':
      await hsmKeys(ctx, hsm.id).update(key.keyName, key.version, { enabled: true })
      return
    case 'grantPolicy':
      throw new AppError('BadParameter', { publicMessage: 'A Managed HSM has local roles instead of access policies.' })
  }
}

async function principalOf(ctx: Ctx, identityId: string): Promise<string> {
  const identity = await getManagedIdentity(ctx, identityId)
  if (!identity)
    throw new AppError('IdentityNotFound', { publicMessage: 'The managed identity does not exist any more.' })
  return identity.principalId
}

const notFound = (name: string) =>
  new AppError('VaultNotFound', { publicMessage: `There is no key store '${name}' that you may see.` })
