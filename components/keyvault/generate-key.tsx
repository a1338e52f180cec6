'use client'
import { Checkbox, Field, MessageBar, MessageBarBody, Radio, RadioGroup, Switch } from '@fluentui/react-components'
import { createKeyAction } from '@/server/actions/keys'
import { RSA_KEY_SIZES } from '@/server/keys/contract'
import { CURVES, isRsa, type KeyDraft, keyFaults, keyTypes, newKeyDraft, OCT_SIZES, toNewKey } from './create-key-draft'
import { AttributeFields, FieldGroup, KeyForm, type KeyFormProps, NameField } from './key-form'
import { PROPOSAL } from './rotation-draft'
import { RotationFields } from './rotation-fields'
import { useKeyForm } from './use-key-form'

/** Makes a key in the store. */
export function GenerateKey({ store, view, premium }: KeyFormProps) {
  const types = keyTypes(store, premium)
  const taken = view.keys?.map((k) => k.name) ?? []
  const { draft, change, own, tried, refused, busy, links, submit } = useKeyForm({
    store,
    start: () => newKeyDraft(types[0]!),
    faultsOf: (draft: KeyDraft) => keyFaults(draft, taken),
    action: createKeyAction,
    toInput: (draft) => toNewKey(store, draft),
    words: { doing: 'Creating', done: 'created' },
  })
  const faults = { ...(tried ? own : { ...own, tags: '' }), ...refused }
  return (
    <KeyForm
      label="Create a key"
      submitLabel="Create"
      permission={view.permissions.create}
      disabledReason={busy ? 'The key is being made.' : null}
      fault={faults.form}
      cancelTo={links.keys}
      onSubmit={submit}
    >
      <NameField draft={draft} change={change} error={tried || draft.name ? faults.name : undefined} />
      <TypeFields draft={draft} types={types} change={change} />
      <AttributeFields draft={draft} change={change} faults={faults} />
      <FieldGroup legend="Key rotation policy">
        <Switch
          label={draft.rotation ? 'Set a key rotation policy' : 'Set a key rotation policy (not configured)'}
          checked={draft.rotation !== null}
          onChange={(_, data) => change({ rotation: data.checked ? PROPOSAL : null })}
        />
        {draft.rotation && (
          <RotationFields
            draft={draft.rotation}
            onChange={(rotation) => change({ rotation })}
            notices={store.type === 'vault'}
            faults={refused}
          />
        )}
      </FieldGroup>
    </KeyForm>
  )
}

type TypeProps = { draft: KeyDraft; change: (patch: Partial<KeyDraft>) => void }

function TypeFields({ draft, types, change }: TypeProps & { types: KeyDraft['kty'][] }) {
  return (
    <>
      <Choices
        label="Key type"
        values={types}
        value={draft.kty}
        onChange={(kty) => change({ kty: kty as KeyDraft['kty'] })}
      />
      {isRsa(draft.kty) ? <RsaFields draft={draft} change={change} /> : <OtherFields draft={draft} change={change} />}
    </>
  )
}

function RsaFields({ draft, change }: TypeProps) {
  return (
    <>
      <Choices
        label="RSA key size"
        values={RSA_KEY_SIZES}
        value={draft.keySize}
        onChange={(size) => change({ keySize: Number(size) })}
      />
      {draft.kty === 'RSA-HSM' && (
        <Field hint="To bring a key of your own as a .byok file: the tool of the other HSM wraps it under this one. Import is all that it can do.">
          <Checkbox
            label="Key exchange key"
            checked={draft.exchange}
            onChange={(_, data) => change({ exchange: data.checked === true })}
          />
        </Field>
      )}
    </>
  )
}

function OtherFields({ draft, change }: TypeProps) {
  const isOct = draft.kty === 'oct-HSM'
  return (
    <>
      {isOct ? (
        <Choices
          label="AES key size"
          values={OCT_SIZES}
          value={draft.octSize}
          onChange={(size) => change({ octSize: Number(size) })}
        />
      ) : (
        <Choices label="Elliptic curve name" values={CURVES} value={draft.crv} onChange={(crv) => change({ crv })} />
      )}
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          {isOct
            ? 'A server takes RSA keys alone: a symmetric key cannot protect one.'
            : 'An EC key cannot wrap, so it cannot protect a server: use RSA for that.'}
        </MessageBarBody>
      </MessageBar>
    </>
  )
}

function Choices(props: {
  label: string
  values: readonly (string | number)[]
  value: string | number
  onChange: (value: string) => void
}) {
  return (
    <Field label={props.label}>
      <RadioGroup layout="horizontal" value={String(props.value)} onChange={(_, data) => props.onChange(data.value)}>
        {props.values.map((value) => (
          <Radio key={value} value={String(value)} label={String(value)} />
        ))}
      </RadioGroup>
    </Field>
  )
}
