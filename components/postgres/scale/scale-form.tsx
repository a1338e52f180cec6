import { Field, Input, MessageBar, MessageBarBody, makeStyles, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { FormProvider, useForm } from 'react-hook-form'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useAction } from '@/components/ui/use-action'
import { changeServer } from '@/server/actions/servers'
import { STORAGE_SIZES } from '@/server/postgres/catalog'
import type { ServerView } from '@/server/postgres/contract'
import { RetentionSlider } from '../create/backup-fields'
import { ComputeFields } from '../create/compute-fields'
import { DEFAULT_VALUES, type WizardValues } from '../create/wizard-values'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXXL, maxWidth: '860px' },
  narrow: { maxWidth: '320px' },
})

/** Compute size, storage and retention in the fields of the wizard. */
export function ScaleForm({ server }: { server: ServerView }) {
  const styles = useStyles()
  const { basics } = DEFAULT_VALUES
  const form = useForm<WizardValues>({
    defaultValues: {
      ...DEFAULT_VALUES,
      basics: { ...basics, location: server.location, compute: server.properties.compute },
    },
  })
  const sku = form.watch('basics.compute.sku')
  const [storageGiB, setStorage] = useState(server.storageGiB)
  const [retentionDays, setRetention] = useState(server.backupRetentionDays)
  const [fault, setFault] = useState<string | null>(null)
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(changeServer, {
    progress: `Changing ${server.name}`,
    success: ({ operationId }) => (operationId ? `${server.name} is being scaled` : `${server.name} was changed`),
    failure: `${server.name} was not changed`,
    invalidate: [['servers'], ['resources']],
    successLink: ({ operationId }) => operationId && <AppLink href={paths.deployment(operationId)}>Follow it</AppLink>,
  })
  const changes = {
    sku: sku === server.sku ? undefined : sku,
    storageGiB: storageGiB === server.storageGiB ? undefined : storageGiB,
    retentionDays: retentionDays === server.backupRetentionDays ? undefined : retentionDays,
  }
  const reason = busy
    ? 'The server is being changed.'
    : Object.values(changes).every((value) => value === undefined)
      ? 'Nothing was changed.'
      : null
  const permission = server.permissions.scale
  const save = async () => {
    const result = await run({ serverId: server.id, ...changes })
    setAsking(false)
    setFault(result.ok ? null : result.message)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (reason || !permission.allowed) return
    if (changes.sku) setAsking(true)
    else void save()
  }
  return (
    <FormProvider {...form}>
      <form className={styles.form} onSubmit={submit}>
        <Section title="Compute">
          <ComputeFields />
          <SimulatedNote>
            the size sets the connections and buffers of the server’s PostgreSQL; processors, memory and disk are this
            machine’s. Another size restarts the server: open sessions end.
          </SimulatedNote>
        </Section>
        <Section title="Storage">
          <Field label="Storage size" hint="It can grow, never shrink." className={styles.narrow}>
            <StorageSize server={server} value={storageGiB} onChange={setStorage} />
          </Field>
        </Section>
        <Section title="Backups">
          <div className={styles.narrow}>
            <FieldWithInfo
              label="Backup retention period (in days)"
              hint="Backups that are there are kept as long as new ones."
            >
              <RetentionSlider value={retentionDays} onChange={setRetention} />
            </FieldWithInfo>
          </div>
        </Section>
        {fault && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{fault}</MessageBarBody>
          </MessageBar>
        )}
        <div>
          <PermissionButton
            type="submit"
            appearance="primary"
            permission={permission}
            disabledReason={permission.allowed ? reason : null}
          >
            {changes.sku ? 'Save and restart' : 'Save'}
          </PermissionButton>
        </div>
      </form>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Scale ${server.name} to ${sku}?`}
        confirmLabel="Restart"
        busy={busy}
        onConfirm={() => void save()}
      >
        <span>
          The server restarts: open sessions end, and what they have not committed is undone. Clients can connect again
          within seconds.
        </span>
      </ConfirmDialog>
    </FormProvider>
  )
}

function StorageSize(props: { server: ServerView; value: number; onChange: (sizeGiB: number) => void }) {
  const { server, value, onChange } = props
  const give = (_: unknown, data: { value: string }) => onChange(Number(data.value))
  if (server.properties.storage.type === 'PremiumV2_LRS')
    return <Input type="number" min={server.storageGiB} value={String(value)} onChange={give} contentAfter="GiB" />
  return (
    <Select value={String(value)} onChange={give}>
      {STORAGE_SIZES.filter((size) => size.sizeGiB >= server.storageGiB).map(({ sizeGiB }) => (
        <option key={sizeGiB} value={sizeGiB}>{`${sizeGiB.toLocaleString('en')} GiB`}</option>
      ))}
    </Select>
  )
}
