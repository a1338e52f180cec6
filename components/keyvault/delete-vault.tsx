'use client'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { useState } from 'react'
import { Command } from '@/components/ui/command-bar'
import { useAction } from '@/components/ui/use-action'
import { removeVault } from '@/server/actions/vaults'
import type { VaultPage } from '@/server/queries/vaults'
import { ImpactDialog } from './impact'

/** Soft-deletes a vault, after saying whose data keys its keys wrap. */
export function DeleteVault({ page }: { page: VaultPage }) {
  const { vault, permissions } = page
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(removeVault, {
    progress: `Deleting ${vault.name}`,
    success: vault.softDelete
      ? `${vault.name} was deleted; it can be recovered for ${vault.softDeleteDays} days`
      : `${vault.name} is gone for good`,
    failure: `${vault.name} could not be deleted`,
    invalidate: [['keys'], ['resources'], ['servers']],
  })
  return (
    <>
      <Command icon={<DeleteRegular />} permission={permissions.delete} onClick={() => setAsking(true)}>
        Delete
      </Command>
      <ImpactDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete the key vault ${vault.name}?`}
        confirmLabel="Delete"
        typeToConfirm={vault.name}
        busy={busy}
        forGood={!vault.softDelete}
        question={{ change: 'store', store: vault.name }}
        onConfirm={async () => {
          await run({ id: vault.id })
          setAsking(false)
        }}
      >
        {vault.softDelete ? (
          <span>
            All its keys stop working at once. Vault and keys can be recovered for {vault.softDeleteDays} days. The role
            assignments on it are gone for good: recovering does not bring them back.
          </span>
        ) : (
          <span>
            This vault has no soft delete: it and all its keys are destroyed at once. Whatever they wrapped can never be
            opened again.
          </span>
        )}
      </ImpactDialog>
    </>
  )
}
