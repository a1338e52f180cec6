'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { useState } from 'react'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { changeAccessPolicy } from '@/server/actions/vaults'
import type { VaultView } from '@/server/keyvault/contract'
import type { VaultPage } from '@/server/queries/vaults'
import { ImpactDialog } from './impact'
import { PolicyPane } from './policy-pane'

type Policy = VaultView['accessPolicies'][number]

export const principalLabel = (policy: Policy): string =>
  policy.principalName ?? `Identity not found (${policy.objectId})`

/** The access policies of a vault: who may do what with its keys. */
export function AccessPolicies({ page }: { page: VaultPage }) {
  const { vault, permissions } = page
  /** Object id being edited; empty for a new policy. */
  const [editing, setEditing] = useState<string | null>(null)
  const [removing, setRemoving] = useState<Policy | null>(null)
  return (
    <Section title="Access policies">
      <CommandBar label="Access policy commands">
        <Command icon={<AddRegular />} permission={permissions.writePolicies} onClick={() => setEditing('')}>
          Add access policy
        </Command>
      </CommandBar>
      <ResourceTable
        label="access policies"
        rows={vault.accessPolicies}
        rowId={(p) => p.objectId}
        columns={columns(permissions.writePolicies, setEditing, setRemoving)}
        searchText={(p) => `${principalLabel(p)} ${p.keys.join(' ')}`}
        defaultSort={{ column: 'principal' }}
        empty={<EmptyState title="No access policies" text="Nobody may do anything with the keys of this vault." />}
      />
      {editing !== null && <PolicyPane page={page} objectId={editing} onClose={() => setEditing(null)} />}
      {removing && <RemovePolicy vault={vault} policy={removing} onClose={() => setRemoving(null)} />}
    </Section>
  )
}

function columns(
  permission: VaultPage['permissions']['writePolicies'],
  edit: (objectId: string) => void,
  remove: (policy: Policy) => void,
): TableColumn<Policy>[] {
  return [
    { id: 'principal', label: 'Principal', sortValue: principalLabel, render: principalLabel },
    { id: 'keys', label: 'Key permissions', render: (p) => p.keys.join(', ') },
    {
      id: 'actions',
      label: 'Actions',
      render: (p) => (
        <>
          <PermissionButton size="small" appearance="subtle" permission={permission} onClick={() => edit(p.objectId)}>
            Edit
          </PermissionButton>
          <PermissionButton size="small" appearance="subtle" permission={permission} onClick={() => remove(p)}>
            Remove
          </PermissionButton>
        </>
      ),
    },
  ]
}

function RemovePolicy({ vault, policy, onClose }: { vault: VaultView; policy: Policy; onClose: () => void }) {
  const label = principalLabel(policy)
  const { run, busy } = useAction(changeAccessPolicy, {
    progress: `Removing the access policy of ${label}`,
    success: `The access policy of ${label} was removed`,
    failure: `The access policy of ${label} could not be removed`,
    invalidate: [['keys'], ['servers']],
  })
  return (
    <ImpactDialog
      open
      onClose={onClose}
      title={`Remove the access policy of ${label}?`}
      confirmLabel="Remove"
      busy={busy}
      question={{ change: 'principal', store: vault.name, principalId: policy.objectId }}
      onConfirm={async () => {
        await run({ id: vault.id, policy: { objectId: policy.objectId, keys: [] } })
        onClose()
      }}
    >
      <span>{label} may no longer do anything with the keys of this vault.</span>
    </ImpactDialog>
  )
}
