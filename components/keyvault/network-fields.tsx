'use client'
import { Checkbox, Field, MessageBar, MessageBarBody, Radio, RadioGroup } from '@fluentui/react-components'
import { IpRules } from './ip-rules'
import { type Access, blocksServers, type NetworkDraft, networkSaysOf } from './network-draft'

/** The fields of a store's network rules, and in words who gets in by them. */
export function NetworkFields(props: {
  draft: NetworkDraft
  change: (patch: Partial<NetworkDraft>) => void
  clientAddress: string
  error?: string
}) {
  const { draft, change } = props
  return (
    <>
      <Field label="Allow access from" validationMessage={props.error}>
        <RadioGroup value={draft.access} onChange={(_, data) => change({ access: data.value as Access })}>
          <Radio value="all" label="All networks" />
          <Radio value="selected" label="Specific IP addresses" />
          <Radio value="none" label="Disable public access" />
        </RadioGroup>
      </Field>
      {draft.access === 'selected' && (
        <IpRules
          rules={draft.ipRules}
          clientAddress={props.clientAddress}
          onChange={(ipRules) => change({ ipRules })}
        />
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
    </>
  )
}
