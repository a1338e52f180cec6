'use client'
import { useQuery } from '@tanstack/react-query'
import type { ManagedHsmView } from '@/server/managed-hsm/contract'
import { AuditLog } from './audit-log'
import { DeletedKeys } from './deleted-keys'
import { HsmFrame } from './hsm-frame'
import { KeyPage } from './key-page'
import { KeysList } from './keys-list'
import { hsmQuery } from './keyvault-query'

/** What vaults and HSMs have in common, within the frame of an HSM. */

const bypasses = (hsm: ManagedHsmView): boolean => hsm.networkAcls.bypass === 'AzureServices'

export function HsmKeys({ name }: { name: string }) {
  return (
    <HsmFrame name={name}>
      {({ hsm }) => <KeysList store={{ type: 'managedhsm', name }} trustedBypass={bypasses(hsm)} />}
    </HsmFrame>
  )
}

export function HsmDeletedKeys({ name }: { name: string }) {
  return (
    <HsmFrame name={name}>
      {({ hsm }) => <DeletedKeys store={{ type: 'managedhsm', name }} trustedBypass={bypasses(hsm)} />}
    </HsmFrame>
  )
}

export function HsmAudit({ name }: { name: string }) {
  return <HsmFrame name={name}>{() => <AuditLog store={{ type: 'managedhsm', name }} />}</HsmFrame>
}

export function HsmKey({ name, keyName }: { name: string; keyName: string }) {
  const { data } = useQuery(hsmQuery(name))
  return <KeyPage store={{ type: 'managedhsm', name }} name={keyName} trustedBypass={!!data && bypasses(data.hsm)} />
}
