'use client'
import { Checkbox, Field, Input, MessageBar, MessageBarBody, Select } from '@fluentui/react-components'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { importKeyAction } from '@/server/actions/keys'
import { type ImportDraft, importFaults, isTaken, newImportDraft, toImportedKey } from './create-key-draft'
import { FileField } from './file-field'
import { AttributeFields, KeyForm, type KeyFormProps, NameField } from './key-form'
import { useKeyForm } from './use-key-form'

/** Fields that say themselves what was wrong with them. */
const FIELDS = ['file', 'name', 'notBefore', 'expires', 'tags']

/** Brings a key in from a file. */
export function ImportKey({ store, view, premium }: KeyFormProps) {
  const { draft, change, own, tried, refused, busy, links, submit } = useKeyForm({
    store,
    start: newImportDraft,
    faultsOf: importFaults,
    action: importKeyAction,
    toInput: (draft) => toImportedKey(store, draft),
    words: { doing: 'Importing', done: 'imported' },
    fields: FIELDS,
  })
  const faults: Record<string, string> = { ...(tried ? own : {}), ...refused }
  return (
    <KeyForm
      label="Import a key"
      submitLabel="Create"
      permission={view.permissions.import}
      disabledReason={busy ? 'The key is being imported.' : null}
      fault={faults.form}
      cancelTo={links.keys}
      onSubmit={submit}
    >
      <FileField
        label="File"
        accept=".pem,.key,.pfx,.p12,.jwk,.json,.byok"
        hint="A private key as PEM, JWK or .pfx, or a .byok transfer file. It goes to this portal alone and is sealed at once."
        error={faults.file}
        onFile={(file) => change({ file })}
      />
      <FileFields draft={draft} change={change} hardware={store.type === 'vault' && premium} />
      <NameField draft={draft} change={change} error={faults.name} />
      {isTaken(draft.name, view.keys?.map((k) => k.name) ?? []) && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            A key of this name exists: what you import becomes its new current version, and servers that follow new
            versions change to it.
          </MessageBarBody>
        </MessageBar>
      )}
      <AttributeFields draft={draft} change={change} faults={faults} />
    </KeyForm>
  )
}

/** What a file of the chosen kind needs besides. */
function FileFields(props: { draft: ImportDraft; change: (patch: Partial<ImportDraft>) => void; hardware: boolean }) {
  const { draft, change } = props
  if (/\.byok$/i.test(draft.file?.name ?? ''))
    return (
      <Field label="Key type" hint="The file does not say it in the clear.">
        <Select
          value={draft.transferredType}
          onChange={(_, data) => change({ transferredType: data.value as ImportDraft['transferredType'] })}
        >
          {['RSA-HSM', 'EC-HSM', 'oct-HSM'].map((type) => (
            <option key={type}>{type}</option>
          ))}
        </Select>
      </Field>
    )
  return (
    <>
      <FieldWithInfo label="Password" info="Of a .pfx file, or of an encrypted PEM file; leave it empty for none.">
        <Input
          type="password"
          autoComplete="off"
          value={draft.password}
          onChange={(_, data) => change({ password: data.value })}
        />
      </FieldWithInfo>
      {props.hardware && (
        <Checkbox
          label="Protect it by hardware (RSA-HSM, EC-HSM)"
          checked={draft.hardware}
          onChange={(_, data) => change({ hardware: data.checked === true })}
        />
      )}
    </>
  )
}
