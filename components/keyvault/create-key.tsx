'use client'
import { Field, Select } from '@fluentui/react-components'
import { KeyRegular } from '@fluentui/react-icons/svg/key'
import { useQuery } from '@tanstack/react-query'
import { paths } from '@/components/portal/paths'
import { Blade } from '@/components/ui/blade'
import { Loaded } from '@/components/ui/loaded'
import { useUrlState } from '@/components/ui/use-url-state'
import type { StoreRef } from '@/server/queries/key-stores'
import { GenerateKey } from './generate-key'
import { ImportKey } from './import-key'
import type { KeyFormProps } from './key-form'
import { keysQuery, vaultQuery } from './keyvault-query'
import { RestoreKey } from './restore-key'
import { storeLinks } from './store-links'

const OPTIONS = { generate: 'Generate', import: 'Import', restore: 'Restore Backup' } as const
const OPTION_NAMES = ['generate', 'import', 'restore'] as const satisfies (keyof typeof OPTIONS)[]

/** The page "Create a key" of a vault or an HSM: made there, brought from a file, or restored from a backup. */
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
        {(view) => <Way store={store} view={view} premium={vault.data?.vault.sku === 'premium'} />}
      </Loaded>
    </Blade>
  )
}

const FORMS = { generate: GenerateKey, import: ImportKey, restore: RestoreKey } as const

function Way(props: KeyFormProps) {
  const [params, change] = useUrlState()
  const option = OPTION_NAMES.find((name) => name === params.get('option')) ?? 'generate'
  const Form = FORMS[option]
  return (
    <>
      <Field label="Options" style={{ maxWidth: '640px' }}>
        <Select
          value={option}
          onChange={(_, data) => change({ option: data.value === 'generate' ? null : data.value })}
        >
          {Object.entries(OPTIONS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <Form {...props} />
    </>
  )
}
