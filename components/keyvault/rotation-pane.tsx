'use client'
import { Button } from '@fluentui/react-components'
import { useState } from 'react'
import { Pane } from '@/components/ui/pane'
import { PermissionButton } from '@/components/ui/permission-button'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useAction } from '@/components/ui/use-action'
import { changeRotationPolicy } from '@/server/actions/keys'
import type { StoreRef } from '@/server/queries/key-stores'
import type { KeyPage } from '@/server/queries/keys'
import { draftOfPolicy, policyOfDraft } from './rotation-draft'
import { RotationFields } from './rotation-fields'

/** Sets the rotation policy of a key. */
export function RotationPane(props: { store: StoreRef; name: string; page: KeyPage; onClose: () => void }) {
  const { store, name, page } = props
  const notices = store.type === 'vault'
  const [draft, setDraft] = useState(() => draftOfPolicy(page.rotationPolicy))
  const [faults, setFaults] = useState<Record<string, string>>({})
  const { run, busy } = useAction(changeRotationPolicy, {
    progress: `Saving the rotation policy of ${name}`,
    success: `The rotation policy of ${name} was saved`,
    failure: `The rotation policy of ${name} was not saved`,
    invalidate: [['keys']],
  })
  const save = async () => {
    const result = await run({ store, key: name, policy: policyOfDraft(draft, notices) })
    if (result.ok) props.onClose()
    else setFaults(result.fields ?? {})
  }
  return (
    <Pane
      open
      onClose={props.onClose}
      title="Rotation policy"
      footer={
        <>
          <PermissionButton
            appearance="primary"
            permission={page.permissions.setRotationPolicy}
            disabledReason={busy ? 'It is being saved.' : null}
            onClick={() => void save()}
          >
            Save
          </PermissionButton>
          <Button onClick={props.onClose}>Cancel</Button>
        </>
      }
    >
      <RotationFields
        draft={draft}
        notices={notices}
        faults={faults}
        onChange={(next) => {
          setFaults({})
          setDraft(next)
        }}
      />
      <SimulatedNote>
        Rotation happens on the simulation’s clock: advance it to see the new version, and which servers follow by
        themselves.
      </SimulatedNote>
    </Pane>
  )
}
