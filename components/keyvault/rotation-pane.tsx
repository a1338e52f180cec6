'use client'
import { Button, MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useState } from 'react'
import { Pane } from '@/components/ui/pane'
import { PermissionButton } from '@/components/ui/permission-button'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useAction } from '@/components/ui/use-action'
import { changeRotationPolicy } from '@/server/actions/keys'
import type { RotationPolicyInput } from '@/server/keys/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import type { KeyPage } from '@/server/queries/keys'
import { draftOfPolicy, isNoPolicy, NO_POLICY, policyOfDraft } from './rotation-draft'
import { RotationFields } from './rotation-fields'

/** Sets the rotation policy of a key. */
export function RotationPane(props: { store: StoreRef; name: string; page: KeyPage; onClose: () => void }) {
  const { store, name, page } = props
  const notices = store.type === 'vault'
  const [draft, setDraft] = useState(() => draftOfPolicy(page.rotationPolicy))
  const pinned = [...new Set(page.users.filter((u) => !u.autoUpdate).map((u) => u.server))]
  const [faults, setFaults] = useState<Record<string, string>>({})
  const { run, busy } = useAction(changeRotationPolicy, {
    progress: `Saving the rotation policy of ${name}`,
    success: `The rotation policy of ${name} was saved`,
    failure: `The rotation policy of ${name} was not saved`,
    invalidate: [['keys']],
  })
  const save = async (policy: RotationPolicyInput) => {
    const result = await run({ store, key: name, policy })
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
            onClick={() => void save(policyOfDraft(draft, notices))}
          >
            Save
          </PermissionButton>
          <PermissionButton
            permission={page.permissions.setRotationPolicy}
            disabledReason={isNoPolicy(page.rotationPolicy) ? 'There is none.' : null}
            onClick={() => void save(NO_POLICY)}
          >
            Remove the policy
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
      {draft.auto && pinned.length > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            Pinned to a version, and not following a new one by themselves: {pinned.join(', ')}. When their version
            expires they lose access.
          </MessageBarBody>
        </MessageBar>
      )}
      <SimulatedNote>
        Rotation happens on the simulation’s clock: advance it to see the new version, and which servers follow by
        themselves.
      </SimulatedNote>
    </Pane>
  )
}
