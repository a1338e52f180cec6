'use client'
import {
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Radio,
  RadioGroup,
  Select,
  tokens,
} from '@fluentui/react-components'
import { useRouter } from 'next/navigation'
import { type FormEvent, useId, useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { instantText } from '@/components/portal/time-text'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { Pane } from '@/components/ui/pane'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { restoreBackup } from '@/server/actions/backups'
import { findRegion } from '@/server/kernel/regions'
import { type BackupView, type EncryptionInput, serverName } from '@/server/postgres/contract'
import type { ServerPage } from '@/server/queries/servers'
import { type Draft, draftFaults, draftOf } from '../server/encryption-draft'
import { KeyChoiceFields, regionLegend } from '../server/key-choice-fields'
import { TYPE_LABELS } from './backup-text'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL },
  text: { margin: 0 },
})

type Mode = 'same' | 'service' | 'customer'

type Props = {
  page: ServerPage
  /** Those that can be restored, newest first. */
  backups: BackupView[]
  backupName: string
  onChoose: (name: string) => void
  onClose: () => void
}

/** Makes a new server of a backup: under the same keys or others, also in the other mode. */
export function RestorePane({ page, backups, backupName, onChoose, onClose }: Props) {
  const styles = useStyles()
  const form = useId()
  const router = useRouter()
  const { server } = page
  const [name, setName] = useState(`${server.name}-restored`.slice(0, 63))
  const [mode, setMode] = useState<Mode>('same')
  const [draft, setDraft] = useState<Draft>(() => firstDraft(page))
  const [refused, setRefused] = useState<{ message: string; fields: Record<string, string> } | null>(null)
  const { run, busy } = useAction(restoreBackup, {
    progress: `Asking to restore ${backupName} to ${name}`,
    success: `${name} is being restored`,
    failure: `${backupName} was not restored`,
    invalidate: [['servers'], ['resources'], ['fleet']],
  })
  const backup = backups.find((b) => b.name === backupName) ?? backups[0]!
  const faults = { ...faultsOf(name, mode, draft), ...refused?.fields }
  const fault = Object.values(faultsOf(name, mode, draft))[0] ?? null
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (fault) return
    const input = { serverId: server.id, backupName: backup.name, name, encryption: encryptionFor(mode, draft) }
    const result = await run(input)
    if (result.ok) router.push(paths.deployment(result.data.operationId))
    else setRefused({ message: result.message, fields: result.fields ?? {} })
  }
  const edit =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      setRefused(null)
      set(value)
    }
  return (
    <Pane
      open
      onClose={onClose}
      title="Restore to a new server"
      size="large"
      footer={
        <>
          <PermissionButton
            appearance="primary"
            permission={server.permissions.restore}
            disabledReason={busy ? 'The restore is being asked for.' : fault}
            onClick={() => (document.getElementById(form) as HTMLFormElement | null)?.requestSubmit()}
          >
            Restore
          </PermissionButton>
          <PermissionButton onClick={onClose}>Cancel</PermissionButton>
        </>
      }
    >
      <form id={form} className={styles.form} onSubmit={submit} aria-label="Restore to a new server">
        <p className={styles.text}>
          The new server holds what <strong>{server.name}</strong> held at{' '}
          <Instant at={backup.completedAt ?? backup.startedAt} />, with the same login, password, settings and firewall
          rules, sealed under a data key of its own. {server.name} itself is not touched.
        </p>
        <FieldWithInfo label="Backup" required>
          <Select value={backup.name} onChange={(_, data) => edit(onChoose)(data.value)}>
            {backups.map((b) => (
              <option key={b.name} value={b.name}>
                {b.name} ({TYPE_LABELS[b.type]}, {instantText(b.completedAt ?? b.startedAt)})
              </option>
            ))}
          </Select>
        </FieldWithInfo>
        {server.encryption.type === 'AzureKeyVault' && (
          <MessageBar intent="info" layout="multiline">
            <MessageBarBody>
              The backup’s data key is wrapped by <KeyIdentifier uri={backup.kid} link copy={false} />. That very
              version must be able to unwrap now, whatever key the new server gets.
            </MessageBarBody>
          </MessageBar>
        )}
        <FieldWithInfo label="Name of the new server" required error={faults.name ?? faults['basics.name']}>
          <Input value={name} onChange={(_, data) => edit(setName)(data.value)} autoComplete="off" />
        </FieldWithInfo>
        <FieldWithInfo label="Data encryption of the new server" error={faults['encryption.type']}>
          <RadioGroup value={mode} onChange={(_, data) => edit(setMode)(data.value as Mode)}>
            <Radio value="same" label={`As ${server.name}: the same keys and identities`} />
            <Radio value="service" label="Service-managed key" />
            <Radio value="customer" label="Customer-managed key, another key or identity" />
          </RadioGroup>
        </FieldWithInfo>
        {mode === 'customer' && <Keys page={page} draft={draft} onChange={edit(setDraft)} faults={faults} />}
        {refused && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{refused.message}</MessageBarBody>
          </MessageBar>
        )}
      </form>
    </Pane>
  )
}

function Keys(props: {
  page: ServerPage
  draft: Draft
  onChange: (draft: Draft) => void
  faults: Record<string, string>
}) {
  const { page, draft, onChange, faults } = props
  const { server, attached } = page
  const pair = findRegion(server.location)?.pair ?? server.location
  const common = {
    attached,
    subscriptionId: server.subscriptionId,
    resourceGroup: server.resourceGroup,
    keyLocked: null,
  }
  const faultsAt = (role: 'primary' | 'geo') => ({
    identityId: faults[`encryption.${role}.identityId`],
    keyUri: faults[`encryption.${role}.keyUri`],
  })
  return (
    <>
      <KeyChoiceFields
        {...common}
        legend={regionLegend('Server', server.location)}
        value={draft.primary}
        onChange={(primary) => onChange({ ...draft, primary })}
        taken={draft.geo?.identityId ?? null}
        region={server.location}
        faults={faultsAt('primary')}
      />
      {draft.geo && (
        <KeyChoiceFields
          {...common}
          legend={regionLegend('Geo-redundant backup, paired region', pair)}
          value={draft.geo}
          onChange={(geo) => onChange({ ...draft, geo })}
          taken={draft.primary.identityId}
          region={pair}
          faults={faultsAt('geo')}
        />
      )}
    </>
  )
}

const EMPTY = { identityId: '', keyUri: '', autoUpdate: true }

/** The keys of the server to begin with; a second one where its backups are geo-redundant. */
function firstDraft({ server }: ServerPage): Draft {
  if (server.encryption.type === 'AzureKeyVault') return draftOf(server.encryption)
  return { primary: EMPTY, geo: server.geoRedundantBackup ? EMPTY : null }
}

function faultsOf(name: string, mode: Mode, draft: Draft): Record<string, string> {
  const parsed = serverName.safeParse(name)
  const ofName: Record<string, string> = parsed.success ? {} : { name: parsed.error.issues[0]!.message }
  if (mode !== 'customer') return ofName
  const ofKeys = Object.entries(draftFaults(draft)).map(([path, message]) => [`encryption.${path}`, message])
  return { ...ofName, ...Object.fromEntries(ofKeys) }
}

function encryptionFor(mode: Mode, draft: Draft): EncryptionInput | null {
  if (mode === 'same') return null
  if (mode === 'service') return { type: 'SystemManaged', primary: null, geo: null }
  return { type: 'AzureKeyVault', ...draft }
}
