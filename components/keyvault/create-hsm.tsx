'use client'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { firstPlace } from '@/components/identity/place-draft'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { sessionQuery } from '@/components/portal/shell-query'
import { createOptionsQuery } from '@/components/postgres/create/create-query'
import { Blade } from '@/components/ui/blade'
import { Loaded } from '@/components/ui/loaded'
import { TabbedForm } from '@/components/ui/tabbed-form'
import { useAction } from '@/components/ui/use-action'
import { createHsmAction } from '@/server/actions/hsms'
import type { CreateOptions } from '@/server/queries/create-options'
import { type HsmDraft, hsmFaults, newHsmDraft, TABS, type Tab, tabOf } from './create-hsm-draft'
import { AdministratorsTab, BasicsTab, type HsmTabProps, ReviewTab } from './create-hsm-tabs'
import { toCreateStore } from './create-store-draft'
import { NetworkingTab, TagsTab } from './create-store-tabs'

export function CreateHsm() {
  const query = useQuery(createOptionsQuery)
  const session = useQuery(sessionQuery)
  return (
    <Blade
      title="Create a managed HSM"
      icon={KIND_ICONS.managedHsm}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'Managed HSMs', href: paths.hsms() },
      ]}
    >
      <Loaded query={session} label="who you are">
        {({ persona }) => (
          <Loaded query={query} label="subscriptions and resource groups">
            {(options) => <Form options={options} me={persona.objectId} />}
          </Loaded>
        )}
      </Loaded>
    </Blade>
  )
}

const BODIES: Record<Tab, (props: HsmTabProps) => ReactNode> = {
  Basics: BasicsTab,
  Administrators: AdministratorsTab,
  Networking: NetworkingTab,
  Tags: TagsTab,
}

function Form({ options, me }: { options: CreateOptions; me: string }) {
  const router = useRouter()
  const [draft, setDraft] = useState(() => newHsmDraft(firstPlace(options), me))
  const [refused, setRefused] = useState<Record<string, string>>({})
  const { run, busy } = useAction(createHsmAction, {
    progress: `Creating managed HSM ${draft.name}`,
    success: `Managed HSM ${draft.name} was created. Activate it next.`,
    failure: `Managed HSM ${draft.name} could not be created`,
    invalidate: [['keys'], ['resources']],
  })
  const change = (patch: Partial<HsmDraft>) => {
    setRefused({})
    setDraft({ ...draft, ...patch })
  }
  const group = options.resourceGroups.find(
    (g) => g.subscriptionId === draft.place.subscriptionId && g.name === draft.place.resourceGroup,
  )
  const create = async () => {
    const result = await run(toCreateStore(draft))
    if (result.ok) return router.push(paths.hsmSection(result.data.name, 'activation'))
    setRefused(result.fields ?? { form: result.message })
  }
  const props = { draft, change, options }
  return (
    <TabbedForm
      label="Create a managed HSM"
      tabs={TABS.map((name) => {
        const Body = BODIES[name]
        return { name, render: (faults) => <Body {...props} faults={faults} /> }
      })}
      review={<ReviewTab {...props} />}
      tabOf={tabOf}
      faults={hsmFaults(draft)}
      refused={refused}
      permission={group?.createHsm}
      busy={busy}
      onCreate={() => void create()}
    />
  )
}
