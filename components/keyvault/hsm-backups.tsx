'use client'
import { CloudArrowUpRegular } from '@fluentui/react-icons/svg/cloud-arrow-up'
import { CloudSyncRegular } from '@fluentui/react-icons/svg/cloud-sync'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { EmptyState } from '@/components/ui/states'
import type { HsmBackupView } from '@/server/managed-hsm/contract'
import type { HsmPage, PoolBackupsView } from '@/server/queries/hsms'
import { BackupPoolPane, RestorePoolPane } from './hsm-backup-panes'
import { HsmFrame } from './hsm-frame'
import { poolBackupsQuery } from './keyvault-query'
import { StoreRefusal } from './store-refusal'

/** Backups of a whole pool: taken, listed, and brought back. */
export function HsmBackups({ name }: { name: string }) {
  const query = useQuery(poolBackupsQuery(name))
  return (
    <HsmFrame name={name}>
      {(page) => (
        <Section title="Backup and restore">
          <Loaded query={query} label="backups">
            {(view) =>
              view.refusal ? (
                <StoreRefusal
                  store={{ type: 'managedhsm', name }}
                  refusal={view.refusal}
                  trustedBypass={page.hsm.networkAcls.bypass === 'AzureServices'}
                />
              ) : (
                <Backups page={page} view={view} />
              )
            }
          </Loaded>
        </Section>
      )}
    </HsmFrame>
  )
}

type Source = { containerUri: string; folder: string }

function Backups({ page, view }: { page: HsmPage; view: PoolBackupsView }) {
  const [backing, setBacking] = useState(false)
  const [restoring, setRestoring] = useState<Source | null>(null)
  const columns: TableColumn<HsmBackupView>[] = [
    { id: 'at', label: 'Taken', sortValue: (b) => b.at, render: (b) => <Instant at={b.at} seconds /> },
    { id: 'container', label: 'Container', sortValue: (b) => b.containerUri, render: (b) => b.containerUri },
    { id: 'folder', label: 'Folder', sortValue: (b) => b.folder, render: (b) => b.folder },
    {
      id: 'actions',
      label: 'Actions',
      render: (b) => (
        <PermissionButton
          size="small"
          appearance="subtle"
          permission={view.permissions.restore}
          onClick={() => setRestoring(b)}
        >
          Restore
        </PermissionButton>
      ),
    },
  ]
  return (
    <>
      <CommandBar label="Backup commands">
        <Command icon={<CloudArrowUpRegular />} permission={view.permissions.backup} onClick={() => setBacking(true)}>
          Back up
        </Command>
        <Command
          icon={<CloudSyncRegular />}
          permission={view.permissions.restore}
          onClick={() => setRestoring({ containerUri: '', folder: '' })}
        >
          Restore from another HSM
        </Command>
      </CommandBar>
      <ResourceTable
        label="backups"
        urlPrefix="b."
        rows={view.backups ?? undefined}
        rowId={(b) => b.jobId}
        columns={columns}
        defaultSort={{ column: 'at', order: 'descending' }}
        empty={
          <EmptyState
            icon={<CloudArrowUpRegular />}
            title="No backups"
            text="A full backup holds all keys with their versions, and the local roles. Only a pool of the same security domain can open it."
          />
        }
      />
      <SimulatedNote>
        No storage account is asked: the backup is kept here under the container’s name, and is done at once.
      </SimulatedNote>
      {backing && (
        <BackupPoolPane hsm={page.hsm} permission={view.permissions.backup} onClose={() => setBacking(false)} />
      )}
      {restoring && (
        <RestorePoolPane
          page={page}
          source={restoring}
          permission={view.permissions.restore}
          onClose={() => setRestoring(null)}
        />
      )}
    </>
  )
}
