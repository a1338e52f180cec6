'use client'
import { Checkbox, Field, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { PrincipalPicker } from '@/components/identity/principal-picker'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { useAction } from '@/components/ui/use-action'
import { changeAccessPolicy } from '@/server/actions/vaults'
import type { VaultPage } from '@/server/queries/vaults'
import { ImpactDialog } from './impact'
import { losesServerRights, PERMISSION_GROUPS, TEMPLATES } from './policy-templates'

const useStyles = makeStyles({
  group: { border: 'none', margin: 0, padding: 0 },
  legend: { fontWeight: tokens.fontWeightSemibold, padding: 0 },
  boxes: { display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(170px, 1fr))' },
})

/** Adds or changes the access policy of one principal. `objectId` is empty for a new one. */
export function PolicyPane(props: { page: VaultPage; objectId: string; onClose: () => void }) {
  const styles = useStyles()
  const { vault, directory, permissions } = props.page
  const [objectId, setObjectId] = useState(props.objectId)
  const before = vault.accessPolicies.find((p) => p.objectId === objectId)?.keys ?? []
  const [keys, setKeys] = useState<string[]>(before)
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(changeAccessPolicy, {
    progress: 'Saving the access policy',
    success: 'The access policy was saved',
    failure: 'The access policy was not saved',
    invalidate: [['keys'], ['servers']],
  })
  const toggle = (key: string, on: boolean) => setKeys(on ? [...keys, key] : keys.filter((k) => k !== key))
  const save = async () => {
    const result = await run({ id: vault.id, policy: { objectId, keys } })
    setAsking(false)
    if (result.ok) props.onClose()
  }
  const harmful = losesServerRights(before, keys)
  return (
    <Pane
      open
      onClose={props.onClose}
      title={props.objectId ? 'Edit access policy' : 'Add access policy'}
      footer={
        <PaneFooter
          permission={permissions.writePolicies}
          disabledReason={reason(objectId, keys, busy)}
          onClick={() => (harmful ? setAsking(true) : void save())}
          onClose={props.onClose}
        >
          Save
        </PaneFooter>
      }
    >
      {!props.objectId && (
        <PrincipalPicker
          directory={directory}
          selected={objectId || null}
          onPick={(id) => {
            setObjectId(id)
            setKeys(vault.accessPolicies.find((p) => p.objectId === id)?.keys ?? keys)
          }}
        />
      )}
      <Field label="Configure from a template">
        <Select value="" onChange={(_, data) => setKeys([...(TEMPLATES[data.value] ?? keys)])}>
          <option value="">Choose a template</option>
          {Object.keys(TEMPLATES).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
      </Field>
      {Object.entries(PERMISSION_GROUPS).map(([title, group]) => (
        <fieldset key={title} className={styles.group}>
          <legend className={styles.legend}>{title}</legend>
          <div className={styles.boxes}>
            {group.map((key) => (
              <Checkbox
                key={key}
                label={key}
                checked={keys.includes(key)}
                onChange={(_, data) => toggle(key, data.checked === true)}
              />
            ))}
          </div>
        </fieldset>
      ))}
      <ImpactDialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Take these permissions away?"
        confirmLabel="Save"
        busy={busy}
        question={{ change: 'principal', store: vault.name, principalId: objectId }}
        onConfirm={() => void save()}
      >
        <span>A server needs get, list, wrapKey and unwrapKey for its identity.</span>
      </ImpactDialog>
    </Pane>
  )
}

function reason(objectId: string, keys: string[], busy: boolean): string | null {
  if (busy) return 'It is being saved.'
  if (!objectId) return 'Choose who the policy is for.'
  return keys.length ? null : 'Tick at least one permission; to take all away, remove the policy.'
}
