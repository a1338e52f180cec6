'use client'
import { MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import type { ActionResult } from '@/server/actions/result'
import type { Permission } from '@/server/identity/contract'
import type { UpdateVaultInput } from '@/server/keyvault/contract'
import { ImpactDialog } from './impact'
import { blocksServers, type NetworkDraft, networkSaysOf, patchOfNetwork } from './network-draft'
import { NetworkFields } from './network-fields'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '720px' },
  tools: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

type NetworkPatch = Pick<UpdateVaultInput, 'publicNetworkAccess' | 'networkAcls'>

/** The firewall of a vault or an HSM. Give it a `key` of what is saved, so that it starts anew once that changes. */
export function NetworkForm(props: {
  store: { id: string; name: string }
  saved: NetworkDraft
  clientAddress: string
  permission: Permission
  save: (input: { id: string; patch: NetworkPatch }) => Promise<ActionResult<undefined>>
}) {
  const styles = useStyles()
  const { store, saved } = props
  const [draft, setDraft] = useState(saved)
  const [asking, setAsking] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const { run, busy } = useAction(props.save, {
    progress: `Changing the network rules of ${store.name}`,
    success: `The network rules of ${store.name} were changed`,
    failure: `The network rules of ${store.name} were not changed`,
    invalidate: [['keys'], ['servers']],
  })
  const change = (patch: Partial<NetworkDraft>) => {
    setFault(null)
    setDraft({ ...draft, ...patch })
  }
  const save = async () => {
    const result = await run({ id: store.id, patch: patchOfNetwork(draft) })
    setAsking(false)
    if (!result.ok) setFault(result.message)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsking(true)
  }
  const unchanged = JSON.stringify(draft) === JSON.stringify(saved) ? 'Nothing was changed.' : null
  return (
    <Section title="Firewalls and virtual networks">
      <form className={styles.form} onSubmit={submit} aria-label="Firewall">
        <NetworkFields draft={draft} change={change} clientAddress={props.clientAddress} />
        {fault && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{fault}</MessageBarBody>
          </MessageBar>
        )}
        <div className={styles.tools}>
          <PermissionButton type="submit" appearance="primary" permission={props.permission} disabledReason={unchanged}>
            Apply
          </PermissionButton>
          <PermissionButton disabledReason={unchanged} onClick={() => change(saved)}>
            Discard changes
          </PermissionButton>
        </div>
      </form>
      <ImpactDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Change the network rules of ${store.name}?`}
        confirmLabel="Apply"
        busy={busy}
        question={blocksServers(draft) ? { change: 'store', store: store.name } : null}
        onConfirm={() => void save()}
      >
        <span>{networkSaysOf(draft)}</span>
      </ImpactDialog>
    </Section>
  )
}
