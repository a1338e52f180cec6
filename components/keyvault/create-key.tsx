'use client'
import {
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Radio,
  RadioGroup,
  Select,
  Switch,
  tokens,
} from '@fluentui/react-components'
import { KeyRegular } from '@fluentui/react-icons/svg/key'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { paths } from '@/components/portal/paths'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { createKeyAction } from '@/server/actions/keys'
import { RSA_KEY_SIZES } from '@/server/keys/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import type { KeysView } from '@/server/queries/keys'
import { CURVES, isRsa, type KeyDraft, keyFaults, keyTypes, newKeyDraft, toNewKey } from './create-key-draft'
import { InstantField } from './instant-field'
import { keysQuery, vaultQuery } from './keyvault-query'
import { PROPOSAL } from './rotation-draft'
import { RotationFields } from './rotation-fields'
import { storeLinks } from './store-links'
import { TagRows } from './tag-rows'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '640px' },
  group: { border: 'none', margin: 0, padding: 0 },
  legend: { fontWeight: tokens.fontWeightSemibold, padding: 0 },
  buttons: { display: 'flex', columnGap: tokens.spacingHorizontalS },
  error: { color: tokens.colorPaletteRedForeground1 },
})

/** The page "Create a key" of a vault or an HSM. */
export function CreateKey({ store }: { store: StoreRef }) {
  const links = storeLinks(store)
  const query = useQuery(keysQuery(store))
  const vault = useQuery({ ...vaultQuery(store.name), enabled: store.type === 'vault' })
  return (
    <Blade
      title="Create a key"
      subtitle={`in ${store.name}`}
      icon={<KeyRegular />}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        links.list,
        { label: store.name, href: links.overview },
        { label: 'Keys', href: links.keys },
      ]}
    >
      <Loaded query={query} label="what you may do here">
        {(view) => <KeyForm store={store} view={view} premium={vault.data?.vault.sku === 'premium'} />}
      </Loaded>
    </Blade>
  )
}

function KeyForm({ store, view, premium }: { store: StoreRef; view: KeysView; premium: boolean }) {
  const styles = useStyles()
  const router = useRouter()
  const links = storeLinks(store)
  const types = keyTypes(store, premium)
  const [draft, setDraft] = useState(() => newKeyDraft(types[0]!))
  const [touched, setTouched] = useState(false)
  const [refused, setRefused] = useState<Record<string, string>>({})
  const { run, busy } = useAction(createKeyAction, {
    progress: `Creating key ${draft.name}`,
    success: `Key ${draft.name} was created`,
    failure: `Key ${draft.name} could not be created`,
    invalidate: [['keys']],
  })
  const change = (patch: Partial<KeyDraft>) => {
    setRefused({})
    setDraft({ ...draft, ...patch })
  }
  const faults = { ...keyFaults(draft, view.keys?.map((k) => k.name) ?? []), ...refused }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTouched(true)
    if (busy || Object.keys(keyFaults(draft, view.keys?.map((k) => k.name) ?? [])).length) return
    const result = await run(toNewKey(store, draft))
    if (result.ok) router.push(links.key(draft.name))
    else setRefused(result.fields ?? { form: result.message })
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label="Create a key">
      <Field label="Options" hint="Import and Restore Backup are not part of this version yet.">
        <Select value="Generate" disabled>
          <option>Generate</option>
        </Select>
      </Field>
      <FieldWithInfo
        label="Name"
        required
        error={(touched || draft.name) && faults.name}
        info="1 to 127 letters, digits and hyphens. It is part of the key identifier and cannot be changed."
      >
        <Input
          value={draft.name}
          onChange={(_, data) => change({ name: data.value })}
          onBlur={() => setTouched(true)}
          autoComplete="off"
          spellCheck={false}
        />
      </FieldWithInfo>
      <TypeFields draft={draft} types={types} change={change} />
      <InstantField
        label="Set activation date"
        name="Activation date"
        value={draft.notBefore}
        onChange={(notBefore) => change({ notBefore })}
        suggestDays={0}
        error={faults.notBefore}
      />
      <InstantField
        label="Set expiration date"
        name="Expiration date"
        value={draft.expires}
        onChange={(expires) => change({ expires })}
        suggestDays={730}
        error={faults.expires}
      />
      <Switch label="Enabled" checked={draft.enabled} onChange={(_, data) => change({ enabled: data.checked })} />
      <fieldset className={styles.group}>
        <legend className={styles.legend}>Tags</legend>
        <TagRows tags={draft.tags} onChange={(tags) => change({ tags })} />
        {touched && faults.tags && (
          <span role="alert" className={styles.error}>
            {faults.tags}
          </span>
        )}
      </fieldset>
      <fieldset className={styles.group}>
        <legend className={styles.legend}>Key rotation policy</legend>
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
      </fieldset>
      {faults.form && <MessageBar intent="error">{faults.form}</MessageBar>}
      <div className={styles.buttons}>
        <PermissionButton
          type="submit"
          appearance="primary"
          permission={view.permissions.create}
          disabledReason={busy ? 'The key is being made.' : null}
        >
          Create
        </PermissionButton>
        <ButtonLink href={links.keys}>Cancel</ButtonLink>
      </div>
    </form>
  )
}

function TypeFields(props: { draft: KeyDraft; types: KeyDraft['kty'][]; change: (patch: Partial<KeyDraft>) => void }) {
  const { draft, types, change } = props
  return (
    <>
      <Field label="Key type">
        <RadioGroup
          layout="horizontal"
          value={draft.kty}
          onChange={(_, data) => change({ kty: data.value as KeyDraft['kty'] })}
        >
          {types.map((kty) => (
            <Radio key={kty} value={kty} label={kty} />
          ))}
        </RadioGroup>
      </Field>
      {isRsa(draft.kty) ? (
        <Field label="RSA key size">
          <RadioGroup
            layout="horizontal"
            value={String(draft.keySize)}
            onChange={(_, data) => change({ keySize: Number(data.value) })}
          >
            {RSA_KEY_SIZES.map((size) => (
              <Radio key={size} value={String(size)} label={String(size)} />
            ))}
          </RadioGroup>
        </Field>
      ) : (
        <>
          <Field label="Elliptic curve name">
            <RadioGroup layout="horizontal" value={draft.crv} onChange={(_, data) => change({ crv: data.value })}>
              {CURVES.map((crv) => (
                <Radio key={crv} value={crv} label={crv} />
              ))}
            </RadioGroup>
          </Field>
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>An EC key cannot wrap, so it cannot protect a server: use RSA for that.</MessageBarBody>
          </MessageBar>
        </>
      )}
    </>
  )
}
