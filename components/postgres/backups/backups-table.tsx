'use client'
import { makeStyles, Spinner, tokens } from '@fluentui/react-components'
import { ArrowUndoRegular } from '@fluentui/react-icons/svg/arrow-undo'
import { CheckmarkCircleRegular } from '@fluentui/react-icons/svg/checkmark-circle'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { ErrorCircleRegular } from '@fluentui/react-icons/svg/error-circle'
import { useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { StatusPill } from '@/components/ui/status-pill'
import { useAction } from '@/components/ui/use-action'
import { removeBackup } from '@/server/actions/backups'
import type { BackupView, ServerView } from '@/server/postgres/contract'
import { bytesText, TYPE_LABELS } from './backup-text'
import { isMoving } from './backups-query'

const useStyles = makeStyles({
  tools: { display: 'flex', columnGap: tokens.spacingHorizontalXS },
  problem: { display: 'block', maxWidth: '420px', whiteSpace: 'normal' },
})

type Props = { server: ServerView; backups: BackupView[]; onRestore: (name: string) => void }

export function BackupsTable({ server, backups, onRestore }: Props) {
  const [leaving, setLeaving] = useState<BackupView | null>(null)
  const { run, busy } = useAction(removeBackup, {
    progress: `Deleting the backup ${leaving?.name}`,
    success: 'The backup was deleted',
    failure: 'The backup was not deleted',
    invalidate: [['servers']],
  })
  return (
    <>
      <ResourceTable
        label="backups"
        rows={backups}
        rowId={(backup) => backup.name}
        columns={columns(server, onRestore, setLeaving)}
        searchText={(backup) => `${backup.name} ${backup.kid}`}
        empty={<EmptyState title="No backup yet" text="Take one now, or wait for the first automatic one." />}
      />
      <ConfirmDialog
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        title={`Delete the backup ${leaving?.name}?`}
        confirmLabel="Delete"
        danger
        busy={busy}
        onConfirm={async () => {
          if (leaving) await run({ serverId: server.id, name: leaving.name })
          setLeaving(null)
        }}
      >
        <span>
          {leaving?.status === 'Failed'
            ? 'It failed and holds nothing: only its entry goes.'
            : 'Its files are removed at once and for good. What was committed after the backup before it can then no longer be restored.'}
        </span>
      </ConfirmDialog>
    </>
  )
}

const columns = (
  server: ServerView,
  onRestore: (name: string) => void,
  onDelete: (backup: BackupView) => void,
): TableColumn<BackupView>[] => [
  { id: 'name', label: 'Name', nowrap: true, sortValue: (b) => b.name, render: (b) => b.name },
  {
    id: 'type',
    label: 'Type',
    nowrap: true,
    filterValue: (b) => b.type,
    filterLabel: (type) => TYPE_LABELS[type as BackupView['type']],
    render: (b) => TYPE_LABELS[b.type],
  },
  { id: 'status', label: 'Status', render: (b) => <Status backup={b} /> },
  {
    id: 'completed',
    label: 'Completed',
    nowrap: true,
    sortValue: (b) => b.completedAt ?? b.startedAt,
    render: (b) => (b.completedAt && b.status !== 'Running' ? <Instant at={b.completedAt} /> : '-'),
  },
  {
    id: 'size',
    label: 'Size',
    nowrap: true,
    sortValue: (b) => b.bytes,
    render: (b) => (b.bytes > 0 ? bytesText(b.bytes) : '-'),
  },
  {
    id: 'until',
    label: 'Retained until',
    nowrap: true,
    sortValue: (b) => b.expiresAt,
    render: (b) => <Instant at={b.expiresAt} />,
  },
  {
    id: 'kid',
    label: 'Envelope wrapped by',
    lowPriority: true,
    render: (b) =>
      server.encryption.type === 'AzureKeyVault' ? (
        <KeyIdentifier uri={b.kid} link copy={false} />
      ) : (
        'Service-managed key'
      ),
  },
  {
    id: 'tools',
    label: 'Actions',
    nowrap: true,
    render: (b) => <Tools server={server} backup={b} onRestore={onRestore} onDelete={onDelete} />,
  },
]

function Status({ backup }: { backup: BackupView }) {
  const styles = useStyles()
  switch (backup.status) {
    case 'Succeeded':
      return (
        <StatusPill tone="success" icon={<CheckmarkCircleRegular />}>
          Succeeded
        </StatusPill>
      )
    case 'Failed':
      return (
        <>
          <StatusPill tone="danger" icon={<ErrorCircleRegular />}>
            Failed
          </StatusPill>
          {backup.problem && <span className={styles.problem}>{backup.problem}</span>}
        </>
      )
    default:
      return (
        <StatusPill tone="progress" icon={<Spinner size="extra-tiny" />}>
          {backup.status === 'Running' ? 'Being taken' : 'Being deleted'}
        </StatusPill>
      )
  }
}

function Tools(props: {
  server: ServerView
  backup: BackupView
  onRestore: (name: string) => void
  onDelete: (backup: BackupView) => void
}) {
  const styles = useStyles()
  const { server, backup } = props
  const moving = isMoving(backup) ? 'Wait until this backup has ended.' : null
  return (
    <span className={styles.tools}>
      {backup.status === 'Succeeded' && (
        <PermissionButton
          size="small"
          appearance="subtle"
          icon={<ArrowUndoRegular />}
          permission={server.permissions.restore}
          onClick={() => props.onRestore(backup.name)}
        >
          Restore
        </PermissionButton>
      )}
      <PermissionButton
        size="small"
        appearance="subtle"
        icon={<DeleteRegular />}
        permission={server.permissions.deleteBackup}
        disabledReason={moving}
        onClick={() => props.onDelete(backup)}
      >
        Delete
      </PermissionButton>
    </span>
  )
}
