'use client'
import {
  Checkbox,
  Field,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Radio,
  RadioGroup,
  tokens,
} from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import { changeVault } from '@/server/actions/vaults'
import type { VaultPage } from '@/server/queries/vaults'
import { ImpactDialog } from './impact'
import { IpRules } from './ip-rules'
import {
  type Access,
  blocksServers,
  draftOfNetwork,
  type NetworkDraft,
  networkSaysOf,
  patchOfNetwork,
} from './network-draft'
import { VaultFrame } from './vault-frame'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '720px' },
  tools: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

export function VaultNetworking({ name }: { name: string }) {
  return (
    <VaultFrame name={name}>
      {(page) => <NetworkForm key={JSON.stringify(draftOfNetwork(page.vault))} page={page} />}
    </VaultFrame>
  )
}

function NetworkForm({ page: { vault, permissions, clientAddress } }: { page: VaultPage }) {
  const styles = useStyles()
  const saved = draftOfNetwork(vault)
  const [draft, setDraft] = useState(saved)
  const [asking, setAsking] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const { run, busy } = useAction(changeVault, {
    progress: `Changing the network rules of ${vault.name}`,
    success: `The network rules of ${vault.name} were changed`,
    failure: `The network rules of ${vault.name} were not changed`,
    invalidate: [['keys'], ['servers']],
  })
  const change = (patch: Partial<NetworkDraft>) => {
    setFault(null)
    setDraft({ ...draft, ...patch })
  }
  const save = async () => {
    const result = await run({ id: vault.id, patch: patchOfNetwork(draft) })
    setAsking(false)
    if (!result.ok) setFault(result.message)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsking(true)
  }
  const changed = JSON.stringify(draft) !== JSON.stringify(saved)
  return (
    <Section title="Firewalls and virtual networks">
      <form className={styles.form} onSubmit={submit}>
        <Field label="Allow access from">
          <RadioGroup value={draft.access} onChange={(_, data) => change({ access: data.value as Access })}>
            <Radio value="all" label="All networks" />
            <Radio value="selected" label="Specific IP addresses" />
            <Radio value="none" label="Disable public access" />
          </RadioGroup>
        </Field>
        {draft.access === 'selected' && (
          <IpRules rules={draft.ipRules} clientAddress={clientAddress} onChange={(ipRules) => change({ ipRules })} />
        )}
        <Field label="Exception">
          <Checkbox
            label="Allow trusted Microsoft services to bypass this firewall"
            checked={draft.bypass}
            onChange={(_, data) => change({ bypass: data.checked === true })}
          />
        </Field>
        <MessageBar intent={blocksServers(draft) ? 'warning' : 'info'} layout="multiline">
          <MessageBarBody>{networkSaysOf(draft)}</MessageBarBody>
        </MessageBar>
        {fault && <MessageBar intent="error">{fault}</MessageBar>}
        <div className={styles.tools}>
          <PermissionButton
            type="submit"
            appearance="primary"
            permission={permissions.write}
            disabledReason={changed ? null : 'Nothing was changed.'}
          >
            Apply
          </PermissionButton>
          <PermissionButton disabledReason={changed ? null : 'Nothing was changed.'} onClick={() => change(saved)}>
            Discard changes
          </PermissionButton>
        </div>
      </form>
      <ImpactDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Change the network rules of ${vault.name}?`}
        confirmLabel="Apply"
        busy={busy}
        question={blocksServers(draft) ? { change: 'store', store: vault.name } : null}
        onConfirm={() => void save()}
      >
        <span>{networkSaysOf(draft)}</span>
      </ImpactDialog>
    </Section>
  )
}
