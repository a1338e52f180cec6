'use client'
import { Checkbox, MessageBar, makeStyles, Switch, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { useTickingNow } from '@/components/portal/use-ticking-now'
import { download } from '@/components/ui/download'
import { Essentials } from '@/components/ui/essentials'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { Pane } from '@/components/ui/pane'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { changeKeyVersion } from '@/server/actions/keys'
import type { Permission } from '@/server/identity/contract'
import type { KeyVersionView } from '@/server/keys/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import type { KeyUser } from '@/server/queries/keys'
import { ImpactDialog } from './impact'
import { keyKind } from './key-status'
import { KeyStatusBadge } from './key-status-badge'
import { fetchPublicKey } from './keyvault-query'
import { ValidityFields } from './validity-fields'
import { harmOf, isUnchanged, labelsFor, type VersionDraft, versionDraft, versionPatch } from './version-draft'

const useStyles = makeStyles({
  group: { border: 'none', margin: 0, padding: 0 },
  legend: { fontWeight: tokens.fontWeightSemibold, padding: 0 },
  boxes: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(140px, 1fr))' },
})

export type VersionPaneProps = {
  store: StoreRef
  name: string
  version: KeyVersionView
  /** Servers whose data key this very version wraps. */
  users: KeyUser[]
  permission: Permission
  onClose: () => void
}

/** One version of a key: its attributes, to look at and to change. */
export function VersionPane(props: VersionPaneProps) {
  const { store, name, version, onClose } = props
  const saved = versionDraft(version)
  const [draft, setDraft] = useState(saved)
  const [asking, setAsking] = useState(false)
  const [faults, setFaults] = useState<Record<string, string>>({})
  const now = useTickingNow()
  const { run, busy } = useAction(changeKeyVersion, {
    progress: `Changing version ${version.version.slice(0, 8)}… of ${name}`,
    success: `Version ${version.version.slice(0, 8)}… of ${name} was changed`,
    failure: `Version ${version.version.slice(0, 8)}… of ${name} was not changed`,
    invalidate: [['keys'], ['servers']],
  })
  const patch = versionPatch(saved, draft)
  const harm = harmOf(saved, draft, now)
  const change = (part: Partial<VersionDraft>) => {
    setFaults({})
    setDraft({ ...draft, ...part })
  }
  const savePublicKey = async () => {
    const { pem } = await fetchPublicKey(store, name, version.version)
    download(`${name}-${version.version}.pem`, new Blob([pem], { type: 'application/x-pem-file' }))
  }
  const save = async () => {
    const result = await run({ store, key: name, version: version.version, patch })
    setAsking(false)
    if (result.ok) onClose()
    else setFaults(result.fields ?? { form: result.message })
  }
  return (
    <Pane
      open
      onClose={onClose}
      title={`Version of ${name}`}
      footer={
        <>
          <PermissionButton
            appearance="primary"
            permission={props.permission}
            disabledReason={busy ? 'It is being saved.' : isUnchanged(patch) ? 'Nothing was changed.' : null}
            onClick={() => (harm ? setAsking(true) : void save())}
          >
            Save
          </PermissionButton>
          <PermissionButton
            disabledReason={isUnchanged(patch) ? 'Nothing was changed.' : null}
            onClick={() => change(saved)}
          >
            Discard changes
          </PermissionButton>
          <PermissionButton
            disabledReason={version.kty.startsWith('oct') ? 'A symmetric key has no public half.' : null}
            onClick={() => void savePublicKey().catch((error: Error) => setFaults({ form: error.message }))}
          >
            Download public key
          </PermissionButton>
        </>
      }
    >
      <VersionFacts {...props} />
      <VersionFields version={version} draft={draft} change={change} faults={faults} />
      {faults.form && <MessageBar intent="error">{faults.form}</MessageBar>}
      <ImpactDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Change this version of ${name}?`}
        confirmLabel="Save"
        busy={busy}
        question={{ change: 'keyVersion', store: store.name, key: name, version: version.version }}
        from={harm && harm.from !== 'now' ? harm.from : null}
        onConfirm={() => void save()}
      >
        <span>{consequence(patch)}</span>
      </ImpactDialog>
    </Pane>
  )
}

function consequence(patch: Partial<VersionDraft>): string {
  if (patch.enabled === false) return 'A disabled version neither wraps nor unwraps.'
  if (patch.expires)
    return 'A server with an expired key version becomes Inaccessible, although the vault still unwraps.'
  if (patch.notBefore) return 'A server with a key version that is not yet active becomes Inaccessible.'
  return 'A server needs wrapKey and unwrapKey.'
}

function VersionFacts({ version, users }: VersionPaneProps) {
  return (
    <Essentials
      items={[
        { label: 'Status', value: <KeyStatusBadge version={version} /> },
        { label: 'Key type', value: keyKind(version) },
        { label: 'Created', value: <Instant at={version.createdAt} seconds /> },
        { label: 'Updated', value: <Instant at={version.updatedAt} seconds /> },
        { label: 'Key identifier', value: <KeyIdentifier uri={version.uri} /> },
        { label: 'Wraps the data key of', value: users.map((u) => u.server).join(', ') || 'No server' },
      ]}
    />
  )
}

function VersionFields(props: {
  version: KeyVersionView
  draft: VersionDraft
  change: (patch: Partial<VersionDraft>) => void
  faults: Record<string, string>
}) {
  const styles = useStyles()
  const { version, draft, change, faults } = props
  const toggle = (op: string, on: boolean) =>
    change({ keyOps: on ? [...draft.keyOps, op] : draft.keyOps.filter((o) => o !== op) })
  return (
    <>
      <Switch label="Enabled" checked={draft.enabled} onChange={(_, data) => change({ enabled: data.checked })} />
      <ValidityFields draft={draft} change={change} faults={faults} lifetimeDays={365} />
      <fieldset className={styles.group}>
        <legend className={styles.legend}>Permitted operations</legend>
        <div className={styles.boxes}>
          {Object.entries(labelsFor(version.keyOps)).map(([op, label]) => (
            <Checkbox
              key={op}
              label={label}
              checked={draft.keyOps.includes(op)}
              onChange={(_, data) => toggle(op, data.checked === true)}
            />
          ))}
        </div>
      </fieldset>
    </>
  )
}
