'use client'
import { useQuery } from '@tanstack/react-query'
import type { VaultView } from '@/server/keyvault/contract'
import { AuditLog } from './audit-log'
import { DeletedKeys } from './deleted-keys'
import { KeyPage } from './key-page'
import { KeysList } from './keys-list'
import { vaultQuery } from './keyvault-query'
import { VaultFrame } from './vault-frame'

/** What vaults and HSMs have in common, within the frame of a vault. */

const bypasses = (vault: VaultView): boolean => vault.networkAcls.bypass === 'AzureServices'

export function VaultKeys({ name }: { name: string }) {
  return (
    <VaultFrame name={name}>
      {({ vault }) => <KeysList store={{ type: 'vault', name }} trustedBypass={bypasses(vault)} />}
    </VaultFrame>
  )
}

export function VaultDeletedKeys({ name }: { name: string }) {
  return (
    <VaultFrame name={name}>
      {({ vault }) => <DeletedKeys store={{ type: 'vault', name }} trustedBypass={bypasses(vault)} />}
    </VaultFrame>
  )
}

export function VaultAudit({ name }: { name: string }) {
  return <VaultFrame name={name}>{() => <AuditLog store={{ type: 'vault', name }} />}</VaultFrame>
}

export function VaultKey({ name, keyName }: { name: string; keyName: string }) {
  const { data } = useQuery(vaultQuery(name))
  return <KeyPage store={{ type: 'vault', name }} name={keyName} trustedBypass={!!data && bypasses(data.vault)} />
}
