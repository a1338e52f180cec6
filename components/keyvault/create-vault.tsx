'use client'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { firstPlace } from '@/components/identity/place-draft'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { createOptionsQuery } from '@/components/postgres/create/create-query'
import { Blade } from '@/components/ui/blade'
import { Loaded } from '@/components/ui/loaded'
import { TabbedForm } from '@/components/ui/tabbed-form'
import { useAction } from '@/components/ui/use-action'
import { createVaultAction } from '@/server/actions/vaults'
import type { CreateOptions } from '@/server/queries/create-options'
import { tabOf, toCreateStore } from './create-store-draft'
import { NetworkingTab, TagsTab } from './create-store-tabs'
import { newVaultDraft, TABS, type Tab, type VaultDraft, vaultFaults } from './create-vault-draft'
import { AccessTab, BasicsTab, ReviewTab, type VaultTabProps } from './create-vault-tabs'

export function CreateVault() {
  const query = useQuery(createOptionsQuery)
  return (
    <Blade
      title="Create a key vault"
      icon={KIND_ICONS.vault}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'Key vaults', href: paths.vaults() },
      ]}
    >
      <Loaded query={query} label="subscriptions and resource groups">
        {(options) => <Form options={options} />}
      </Loaded>
    </Blade>
  )
}

const BODIES: Record<Tab, (props: VaultTabProps) => ReactNode> = {
  Basics: BasicsTab,
  'Access configuration': AccessTab,
  Networking: NetworkingTab,
  Tags: TagsTab,
}

function Form({ options }: { options: CreateOptions }) {
  const router = useRouter()
  const [draft, setDraft] = useState(() => newVaultDraft(firstPlace(options)))
  const [refused, setRefused] = useState<Record<string, string>>({})
  const { run, busy } = useAction(createVaultAction, {
    progress: `Creating key vault ${draft.name}`,
    success: `Key vault ${draft.name} was created`,
    failure: `Key vault ${draft.name} could not be created`,
    invalidate: [['keys'], ['resources']],
  })
  const change = (patch: Partial<VaultDraft>) => {
    setRefused({})
    setDraft({ ...draft, ...patch })
  }
  const group = options.resourceGroups.find(
    (g) => g.subscriptionId === draft.place.subscriptionId && g.name === draft.place.resourceGroup,
  )
  const create = async () => {
    const result = await run(toCreateStore(draft))
    if (result.ok) return router.push(paths.vault(result.data.name))
    setRefused(result.fields ?? { form: result.message })
  }
  const props = { draft, change, options }
  return (
    <TabbedForm
      label="Create a key vault"
      tabs={TABS.map((name) => {
        const Body = BODIES[name]
        return { name, render: (faults) => <Body {...props} faults={faults} /> }
      })}
      review={<ReviewTab {...props} />}
      tabOf={tabOf}
      faults={vaultFaults(draft)}
      refused={refused}
      permission={group?.createVault}
      busy={busy}
      onCreate={() => void create()}
    />
  )
}
