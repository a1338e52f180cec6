import { paths } from '@/components/portal/paths'
import type { StoreRef } from '@/server/queries/key-stores'

/** Links that both kinds of key store have. */
export const storeLinks = ({ type, name }: StoreRef) => {
  const isVault = type === 'vault'
  const section = (part: 'keys' | 'deleted-keys' | 'audit') =>
    isVault ? paths.vaultSection(name, part) : paths.hsmSection(name, part)
  return {
    overview: isVault ? paths.vault(name) : paths.hsm(name),
    keys: section('keys'),
    deletedKeys: section('deleted-keys'),
    audit: section('audit'),
    createKey: isVault ? paths.createVaultKey(name) : paths.createHsmKey(name),
    createKeyBy: (option: 'import' | 'restore') =>
      isVault ? paths.createVaultKey(name, { option }) : paths.createHsmKey(name, { option }),
    key: (key: string) => (isVault ? paths.vaultKey(name, key) : paths.hsmKey(name, key)),
    list: isVault ? { label: 'Key vaults', href: paths.vaults() } : { label: 'Managed HSMs', href: paths.hsms() },
  }
}

export const storeNoun = ({ type }: StoreRef): string => (type === 'vault' ? 'key vault' : 'managed HSM')
