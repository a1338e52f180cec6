'use client'
import {
  Button,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Radio,
  RadioGroup,
  Select,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { CopyButton } from '@/components/ui/copy-button'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { useAction } from '@/components/ui/use-action'
import { addDiagnosticSetting } from '@/server/actions/audit'
import { endpointProblem, SINK_EXAMPLES, type SinkKind } from '@/server/diagnostics/contract'
import type { StoreRef } from '@/server/queries/key-stores'

const useStyles = makeStyles({
  secret: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere', userSelect: 'all' },
})

/** Adds a receiver of audit records; a webhook's signing secret is shown once. */
export function AddDiagnosticSetting({ store, onClose }: { store: StoreRef; onClose: () => void }) {
  const styles = useStyles()
  const [kind, setKind] = useState<SinkKind>('webhook')
  const [name, setName] = useState('')
  const [endpoint, setEndpoint] = useState('')
  const [from, setFrom] = useState<'now' | 'start'>('now')
  const [fields, setFields] = useState<Record<string, string>>({})
  const [secret, setSecret] = useState<string | null>(null)
  const { run, busy } = useAction(addDiagnosticSetting, {
    progress: `Adding ${name}`,
    success: `${name} gets the audit records of ${store.name}`,
    failure: 'The diagnostic setting could not be added',
    invalidate: [['alerts', 'diagnostics']],
  })
  const add = async () => {
    const result = await run({ store, setting: { kind, name, endpoint, from } })
    if (result.ok && result.data.secret) return setSecret(result.data.secret)
    if (result.ok) return onClose()
    setFields(Object.fromEntries(Object.entries(result.fields ?? {}).map(([k, v]) => [k.split('.').at(-1)!, v])))
  }
  const problem = endpoint.trim() === '' ? null : endpointProblem(kind, endpoint.trim())
  const missing =
    name.trim() === '' ? 'Give the setting a name.' : endpoint.trim() === '' ? 'Give the receiver’s address.' : problem
  const footer = secret ? (
    <Button appearance="primary" onClick={onClose}>
      I have kept the secret
    </Button>
  ) : (
    <PaneFooter disabledReason={busy ? 'It is being added.' : missing} onClick={() => void add()} onClose={onClose}>
      Add
    </PaneFooter>
  )
  if (secret)
    return (
      <Pane open onClose={onClose} title="Add diagnostic setting" footer={footer}>
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>Signing secret of {name}</MessageBarTitle> It is shown now and never again. Each request
            bears x-portcullis-signature, an HMAC-SHA-256 of timestamp and body under it:{' '}
            <code className={styles.secret}>{secret}</code>{' '}
            <CopyButton value={secret} label={`Copy the secret of ${name}`} />
          </MessageBarBody>
        </MessageBar>
      </Pane>
    )
  return (
    <Pane open onClose={onClose} title="Add diagnostic setting" footer={footer}>
      <Field label="Name" required validationMessage={fields.name}>
        <Input value={name} onChange={(_e, data) => setName(data.value)} />
      </Field>
      <Field label="Kind">
        <Select value={kind} onChange={(_e, data) => setKind(data.value as SinkKind)}>
          <option value="webhook">Webhook, signed JSON</option>
          <option value="syslog">Syslog, RFC 5424 by UDP, TCP or TLS</option>
          <option value="otlp">OTLP logs over HTTP</option>
        </Select>
      </Field>
      <Field
        label="Receiver"
        required
        hint={`For example ${SINK_EXAMPLES[kind]}`}
        validationMessage={problem ?? fields.endpoint}
      >
        <Input value={endpoint} onChange={(_e, data) => setEndpoint(data.value)} />
      </Field>
      <Field label="Begin with">
        <RadioGroup value={from} onChange={(_e, data) => setFrom(data.value as 'now' | 'start')}>
          <Radio value="now" label="What happens from now on" />
          <Radio value="start" label="The first record of the log" />
        </RadioGroup>
      </Field>
    </Pane>
  )
}
