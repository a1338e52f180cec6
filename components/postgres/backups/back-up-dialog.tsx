'use client'
import { Field, Input } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { paths } from '@/components/portal/paths'
import { clockQuery } from '@/components/portal/shell-query'
import { AppLink } from '@/components/ui/app-link'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { takeBackup } from '@/server/actions/backups'
import { backupInput, type ServerView } from '@/server/postgres/contract'
import { nameAt } from './backup-text'

/** Asks for the name of a backup that is taken now. */
export function BackUpDialog(props: { server: ServerView; open: boolean; onClose: () => void }) {
  const { server, open, onClose } = props
  const { data: clock } = useQuery(clockQuery)
  const [name, setName] = useState('')
  const [refused, setRefused] = useState<string | null>(null)
  const { run, busy } = useAction(takeBackup, {
    progress: `Asking for a backup of ${server.name}`,
    success: `The backup of ${server.name} has begun`,
    failure: `${server.name} was not backed up`,
    invalidate: [['servers']],
    successLink: ({ operationId }) => <AppLink href={paths.deployment(operationId)}>Follow it</AppLink>,
  })
  const now = clock?.clock.now
  useEffect(() => {
    if (!open) setName('')
    else if (now) setName((typed) => typed || nameAt(now))
  }, [open, now])
  const parsed = backupInput.safeParse({ serverId: server.id, name })
  const fault = refused ?? (parsed.success || !name ? null : parsed.error.issues[0]!.message)
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={`Back up ${server.name} now`}
      confirmLabel="Back up"
      busy={busy}
      onConfirm={async () => {
        if (!parsed.success) return
        const result = await run(parsed.data)
        if (result.ok) onClose()
        else setRefused(result.message)
      }}
    >
      <span>
        Its sealed files are copied while it serves on, with the envelope that opens them now, and kept{' '}
        {server.backupRetentionDays} days. A server that sleeps or is stopped is not woken.
      </span>
      <Field
        label="Name of the backup"
        required
        validationState={fault ? 'error' : 'none'}
        validationMessage={fault ?? undefined}
      >
        <Input
          value={name}
          onChange={(_, data) => {
            setRefused(null)
            setName(data.value)
          }}
          autoComplete="off"
        />
      </Field>
    </ConfirmDialog>
  )
}
