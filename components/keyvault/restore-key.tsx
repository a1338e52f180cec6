'use client'
import { MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useAction } from '@/components/ui/use-action'
import { restoreKeyAction } from '@/server/actions/keys'
import { FileField } from './file-field'
import { KeyForm, type KeyFormProps } from './key-form'
import { storeLinks } from './store-links'

/** Brings a key back from a backup of it. */
export function RestoreKey({ store, view }: KeyFormProps) {
  const router = useRouter()
  const links = storeLinks(store)
  const [file, setFile] = useState<string | null>(null)
  const [refusal, setRefusal] = useState<string>()
  const { run, busy } = useAction(restoreKeyAction, {
    progress: 'Restoring a key',
    success: ({ name }) => `Key ${name} was restored`,
    failure: 'The key could not be restored',
    invalidate: [['keys'], ['servers']],
  })
  const submit = async () => {
    const result = await run({ store, file: file ?? '' })
    if (result.ok) router.push(links.key(result.data.name))
    else setRefusal(result.message)
  }
  return (
    <KeyForm
      label="Restore a key"
      submitLabel="Restore"
      permission={view.permissions.restore}
      disabledReason={busy ? 'The key is being restored.' : file ? null : 'Choose the file of the backup.'}
      fault={refusal}
      cancelTo={links.keys}
      onSubmit={() => void submit()}
    >
      <FileField
        label="Backup file"
        accept=".keybackup"
        hint="As Download backup on a key’s page makes it."
        onFile={(chosen) => {
          setRefusal(undefined)
          setFile(chosen?.base64 ?? null)
        }}
      />
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          The key comes back under its own name, which must be free, with all its versions, dates, tags and rotation
          policy: a copy that no longer depends on the original.{' '}
          {store.type === 'vault'
            ? 'It is restored only into a vault of the same subscription and geography.'
            : 'It is restored only into a managed HSM of the same security domain.'}
        </MessageBarBody>
      </MessageBar>
    </KeyForm>
  )
}
