'use client'
import { Field, Input, MessageBar, MessageBarBody, Radio, RadioGroup } from '@fluentui/react-components'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { useAction } from '@/components/ui/use-action'
import { backupHsm, restoreHsm } from '@/server/actions/hsms'
import type { Permission } from '@/server/identity/contract'
import { containerUri } from '@/server/managed-hsm/contract'
import type { HsmPage } from '@/server/queries/hsms'

const faultOf = (uri: string): string | null => {
  const parsed = containerUri.safeParse(uri)
  return parsed.success ? null : parsed.error.issues[0]!.message
}

function ContainerField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <FieldWithInfo label="Storage container" required error={value ? faultOf(value) : null}>
      <Input value={value} autoComplete="off" spellCheck={false} onChange={(_, data) => onChange(data.value)} />
    </FieldWithInfo>
  )
}

/** Takes a full backup of a pool. */
export function BackupPoolPane(props: { hsm: HsmPage['hsm']; permission: Permission; onClose: () => void }) {
  const { hsm, onClose } = props
  const [container, setContainer] = useState(`https://${hsm.name.replaceAll('-', '')}.blob.core.windows.net/backups`)
  const { run, busy } = useAction(backupHsm, {
    progress: `Backing up ${hsm.name}`,
    success: ({ folder }) => `${hsm.name} was backed up to ${folder}`,
    failure: `${hsm.name} could not be backed up`,
    invalidate: [['keys']],
  })
  const save = async () => {
    const result = await run({ id: hsm.id, container })
    if (result.ok) onClose()
  }
  return (
    <Pane
      open
      onClose={onClose}
      title="Back up"
      footer={
        <PaneFooter
          permission={props.permission}
          disabledReason={busy ? 'It is being backed up.' : faultOf(container)}
          onClick={() => void save()}
          onClose={onClose}
        >
          Back up
        </PaneFooter>
      }
    >
      <ContainerField value={container} onChange={setContainer} />
    </Pane>
  )
}

/** Brings a pool, or one key of it, back from a full backup. */
export function RestorePoolPane(props: {
  page: HsmPage
  source: { containerUri: string; folder: string }
  permission: Permission
  onClose: () => void
}) {
  const { page, source, onClose } = props
  const { hsm } = page
  const [container, setContainer] = useState(source.containerUri)
  const [folder, setFolder] = useState(source.folder)
  const [what, setWhat] = useState<'all' | 'key'>('all')
  const [key, setKey] = useState('')
  const [asking, setAsking] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const one = what === 'key'
  const { run, busy } = useAction(restoreHsm, {
    progress: `Restoring ${one ? key : hsm.name}`,
    success: `${one ? key : hsm.name} was restored`,
    failure: `${one ? key : hsm.name} could not be restored`,
    invalidate: [['keys'], ['identity'], ['servers']],
  })
  const fault = faultOf(container) ?? (folder ? (one && !key.trim() ? 'Name the key.' : null) : 'Name the folder.')
  const restore = async () => {
    const keyName = one ? key.trim() : undefined
    const result = await run({ id: hsm.id, container, folder: folder.trim(), keyName })
    setAsking(false)
    if (result.ok) onClose()
    else setRefusal(result.message)
  }
  return (
    <Pane
      open
      onClose={onClose}
      title="Restore"
      footer={
        <PaneFooter
          permission={props.permission}
          disabledReason={busy ? 'It is being restored.' : fault}
          onClick={() => (one ? void restore() : setAsking(true))}
          onClose={onClose}
        >
          Restore
        </PaneFooter>
      }
    >
      {refusal && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{refusal}</MessageBarBody>
        </MessageBar>
      )}
      <ContainerField value={container} onChange={setContainer} />
      <FieldWithInfo label="Folder" required info="As the list of backups of the HSM from which it is names it.">
        <Input value={folder} autoComplete="off" spellCheck={false} onChange={(_, data) => setFolder(data.value)} />
      </FieldWithInfo>
      <Field label="What">
        <RadioGroup value={what} onChange={(_, data) => setWhat(data.value as typeof what)}>
          <Radio value="all" label="The whole HSM" />
          <Radio value="key" label="One key" />
        </RadioGroup>
      </Field>
      {one && (
        <FieldWithInfo label="Key name" required>
          <Input value={key} autoComplete="off" spellCheck={false} onChange={(_, data) => setKey(data.value)} />
        </FieldWithInfo>
      )}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Restore ${hsm.name} from its backup?`}
        confirmLabel="Restore"
        typeToConfirm={hsm.name}
        busy={busy}
        onConfirm={() => void restore()}
      >
        <span>
          All keys and local roles of {hsm.name} are replaced by those of the backup. A key that was made since then,
          and a version, is gone, and with it the data of every server whose data key it wraps.
        </span>
        {page.servers.length > 0 && (
          <span>
            Servers that use keys of this HSM: <strong>{page.servers.map((s) => s.name).join(', ')}</strong>.
          </span>
        )}
      </ConfirmDialog>
    </Pane>
  )
}
