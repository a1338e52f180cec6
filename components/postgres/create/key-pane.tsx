'use client'
import { Button, Field, Link, makeStyles, Radio, RadioGroup, Select, Text, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText } from '@/components/portal/api'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Pane } from '@/components/ui/pane'
import { regionDisplayName } from '@/server/kernel/regions'
import { parseKeyIdentifier, type StoreType } from '@/server/keys/model'
import type { HiddenKeyStore, KeyOption } from '@/server/queries/create-key-options'
import { keyStoresQuery, storeKeysQuery } from './create-query'
import { useCreateOptions } from './use-create-options'

const useStyles = makeStyles({
  faint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  hidden: { margin: `${tokens.spacingVerticalXS} 0 0`, paddingLeft: tokens.spacingHorizontalL },
  summary: { cursor: 'pointer' },
})

const STORE_LABELS: Record<StoreType, string> = { vault: 'Key vault', managedhsm: 'Managed HSM' }

export type KeyPaneProps = {
  /** Region that the key store must be in. */
  region: string
  subscriptionId: string
  /** With it no version is chosen. */
  autoUpdate: boolean
  selected: string
  onSelect: (keyUri: string) => void
  /** Changes to entering the identifier, begun with these characters. */
  onEnter: (begin: string) => void
  onClose: () => void
}

/** Picks store, key and, unless it updates by itself, version. */
export function KeyPane(props: KeyPaneProps) {
  const options = useCreateOptions()
  const before = parseKeyIdentifier(props.selected)
  const [subscriptionId, setSubscriptionId] = useState(props.subscriptionId)
  const [type, setType] = useState<StoreType>(before?.storeType ?? 'vault')
  const [storeName, setStoreName] = useState(before?.storeName ?? '')
  const [keyName, setKeyName] = useState(before?.keyName ?? '')
  const [version, setVersion] = useState(before?.version ?? '')

  const stores = useQuery(keyStoresQuery({ subscriptionId, location: props.region, type }))
  const store = stores.data?.offered.find((s) => s.name === storeName)
  const keys = useQuery({ ...storeKeysQuery(store?.id ?? ''), enabled: !!store })
  const key = keys.data?.find((k) => k.name === keyName)
  const uri = chosenUri(key, version, props.autoUpdate)
  const chooseStore = (name: string) => {
    setStoreName(name)
    setKeyName('')
    setVersion('')
  }
  return (
    <Pane
      open
      onClose={props.onClose}
      title="Select a key"
      footer={
        <>
          <Button appearance="primary" disabledFocusable={!uri} onClick={() => uri && props.onSelect(uri)}>
            Select
          </Button>
          <Button onClick={props.onClose}>Cancel</Button>
        </>
      }
    >
      <Field label="Subscription" required>
        <Select
          value={subscriptionId}
          onChange={(_, data) => {
            setSubscriptionId(data.value)
            chooseStore('')
          }}
        >
          {options.subscriptions.map((s) => (
            <option key={s.id} value={s.id}>
              {s.name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Key store type" required>
        <RadioGroup
          layout="horizontal"
          value={type}
          onChange={(_, data) => {
            setType(data.value as StoreType)
            chooseStore('')
          }}
        >
          <Radio value="vault" label={STORE_LABELS.vault} />
          <Radio value="managedhsm" label={STORE_LABELS.managedhsm} />
        </RadioGroup>
      </Field>
      <div>
        <Field
          label={STORE_LABELS[type]}
          required
          hint={`Only stores in ${regionDisplayName(props.region)} can be used.`}
          validationMessage={errorText(stores.error) ?? undefined}
        >
          <Select value={storeName} onChange={(_, data) => chooseStore(data.value)}>
            <option value="">
              {stores.isPending
                ? 'Looking for key stores…'
                : stores.data?.offered.length
                  ? 'Select'
                  : 'No available items'}
            </option>
            {stores.data?.offered.map((s) => (
              <option key={s.id} value={s.name}>
                {s.name} ({s.resourceGroup})
              </option>
            ))}
            <CannotBeUsed stores={stores.data?.hidden ?? []} />
          </Select>
        </Field>
        <HiddenStores stores={stores.data?.hidden ?? []} onEnter={props.onEnter} />
        {type === 'vault' && (
          <AppLink href={paths.createVault()} target="_blank">
            Create new key vault (opens a new tab)
          </AppLink>
        )}
      </div>
      <div>
        <Field label="Key" required validationMessage={errorText(keys.error) ?? undefined}>
          <Select
            value={keyName}
            onChange={(_, data) => {
              setKeyName(data.value)
              setVersion('')
            }}
          >
            <option value="">{keyPlaceholder(store !== undefined, keys.isPending, keys.data?.length ?? 0)}</option>
            {keys.data?.map((k) => (
              <option key={k.name} value={k.name} disabled={!isUsable(k, props.autoUpdate)}>
                {k.name} ({k.kind}){isUsable(k, props.autoUpdate) ? '' : `: ${k.problem ?? 'no usable version'}`}
              </option>
            ))}
          </Select>
        </Field>
        {store && type === 'vault' && (
          <AppLink href={paths.createVaultKey(store.name)} target="_blank">
            Create new key (opens a new tab)
          </AppLink>
        )}
      </div>
      {props.autoUpdate ? (
        <FaintText>No version to choose: the server follows the newest version of the key by itself.</FaintText>
      ) : (
        <Field label="Version" required>
          <Select value={version} onChange={(_, data) => setVersion(data.value)}>
            <option value="">{key ? 'Select a version' : 'Select a key first'}</option>
            {key?.versions.map((v) => (
              <option key={v.version} value={v.version} disabled={v.problem !== null}>
                {v.version}
                {v.current ? ' (current)' : ''}
                {v.problem ? `: ${v.problem}` : ''}
              </option>
            ))}
          </Select>
        </Field>
      )}
    </Pane>
  )
}

const isUsable = (key: KeyOption, autoUpdate: boolean): boolean =>
  autoUpdate ? key.problem === null : key.versions.some((v) => v.problem === null)

function chosenUri(key: KeyOption | undefined, version: string, autoUpdate: boolean): string | null {
  if (!key || !isUsable(key, autoUpdate)) return null
  if (autoUpdate) return key.versionlessUri
  return key.versions.find((v) => v.version === version && v.problem === null)?.uri ?? null
}

function keyPlaceholder(hasStore: boolean, pending: boolean, count: number): string {
  if (!hasStore) return 'Select a key store first'
  if (pending) return 'Listing keys…'
  return count ? 'Select' : 'No available items'
}

function FaintText({ children }: { children: string }) {
  return <Text className={useStyles().faint}>{children}</Text>
}

/** In the list and not to be chosen, so that nobody looks for them elsewhere. */
function CannotBeUsed({ stores }: { stores: HiddenKeyStore[] }) {
  if (!stores.length) return null
  return (
    <optgroup label="Cannot be chosen here">
      {stores.map((store) => (
        <option key={store.id} value={store.name} disabled>
          {store.name} ({store.brief})
        </option>
      ))}
    </optgroup>
  )
}

function HiddenStores({ stores, onEnter }: { stores: HiddenKeyStore[]; onEnter: (begin: string) => void }) {
  const styles = useStyles()
  if (!stores.length) return null
  const count = stores.length === 1 ? '1 key store' : `${stores.length} key stores`
  return (
    <details className={styles.faint}>
      <summary className={styles.summary}>{count} in other regions or without rights cannot be chosen: why</summary>
      <ul className={styles.hidden}>
        {stores.map((store) => (
          <li key={store.id}>
            <strong>{store.name}</strong>: {store.reason}{' '}
            {store.keysUri && (
              <Link as="button" type="button" inline onClick={() => onEnter(store.keysUri!)}>
                Enter key identifier
              </Link>
            )}
          </li>
        ))}
      </ul>
    </details>
  )
}
