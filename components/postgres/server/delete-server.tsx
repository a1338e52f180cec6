'use client'
import { makeStyles } from '@fluentui/react-components'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { useState } from 'react'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Command } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { removeServer } from '@/server/actions/servers'
import type { ServerView } from '@/server/postgres/contract'

const useStyles = makeStyles({ list: { margin: 0 } })

/** Deletes a server, after its name was typed and what will be destroyed was said. */
export function DeleteServer({ server }: { server: ServerView }) {
  const styles = useStyles()
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(removeServer, {
    progress: `Asking for the deletion of ${server.name}`,
    success: `${server.name} is being deleted`,
    failure: `${server.name} could not be deleted`,
    invalidate: [['servers'], ['resources'], ['fleet']],
    successLink: ({ operationId }) => <AppLink href={paths.deployment(operationId)}>Follow the deletion</AppLink>,
  })
  const customerKey = server.encryption.type === 'AzureKeyVault'
  return (
    <>
      <Command icon={<DeleteRegular />} permission={server.permissions.delete} onClick={() => setAsking(true)}>
        Delete
      </Command>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${server.name}?`}
        confirmLabel="Delete"
        typeToConfirm={server.name}
        busy={busy}
        onConfirm={async () => {
          await run({ serverId: server.id })
          setAsking(false)
        }}
      >
        <span>This cannot be undone. It destroys:</span>
        <ul className={styles.list}>
          <li>the server, all its databases and its {server.backupRetentionDays} days of backups,</li>
          <li>its wrapped data key: without it no copy of the data can be opened any more,</li>
          <li>its firewall rules and its name, which somebody else may take.</li>
        </ul>
        {customerKey && <span>The key, its store and the identity stay as they are; they are yours.</span>}
      </ConfirmDialog>
    </>
  )
}
