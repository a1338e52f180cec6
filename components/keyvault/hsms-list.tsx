'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '@/components/portal/api'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { CommandBar, CommandLink } from '@/components/ui/command-bar'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { StatusPill } from '@/components/ui/status-pill'
import { regionDisplayName } from '@/server/kernel/regions'
import type { ManagedHsmView } from '@/server/managed-hsm/contract'
import { DELETED_STORES, DeletedStores } from './deleted-stores'
import { hsmsQuery } from './keyvault-query'

export function HsmsList() {
  const { data, error, refetch } = useQuery(hsmsQuery)
  return (
    <Blade
      title="Managed HSMs"
      subtitle="Single-tenant pools of hardware security modules; simulated in software"
      icon={KIND_ICONS.managedHsm}
      breadcrumb={[{ label: 'Home', href: paths.home() }]}
      commands={
        <CommandBar>
          <CommandLink href={paths.createHsm()} icon={<AddRegular />}>
            Create
          </CommandLink>
          <CommandLink href={`#${DELETED_STORES}`} icon={<DeleteRegular />}>
            Manage deleted HSMs
          </CommandLink>
        </CommandBar>
      }
    >
      <ResourceTable
        label="managed HSMs"
        rows={data?.hsms}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(h) => h.id}
        columns={COLUMNS}
        searchText={(h) => `${h.name} ${h.resourceGroup} ${h.location}`}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={KIND_ICONS.managedHsm}
            title="No managed HSMs"
            text="There is none yet, or the person you act as may read none."
            action={<ButtonLink href={paths.createHsm()}>Create a managed HSM</ButtonLink>}
          />
        }
      />
      <DeletedStores type="managedhsm" rows={data?.deleted} />
    </Blade>
  )
}

/** Whether an HSM can be used at all. */
export function ActivationBadge({ activated }: { activated: boolean }) {
  return activated ? (
    <StatusPill tone="success" icon={<CheckmarkCircleFilled />}>
      Active
    </StatusPill>
  ) : (
    <StatusPill tone="warning" icon={<WarningFilled />}>
      Not activated
    </StatusPill>
  )
}

const COLUMNS: TableColumn<ManagedHsmView>[] = [
  {
    id: 'name',
    label: 'Name',
    sortValue: (h) => h.name,
    render: (h) => <AppLink href={paths.hsm(h.name)}>{h.name}</AppLink>,
  },
  {
    id: 'activation',
    label: 'Activation status',
    sortValue: (h) => String(h.activated),
    render: (h) => <ActivationBadge activated={h.activated} />,
  },
  {
    id: 'location',
    label: 'Location',
    sortValue: (h) => regionDisplayName(h.location),
    filterValue: (h) => h.location,
    filterLabel: regionDisplayName,
    render: (h) => regionDisplayName(h.location),
  },
  {
    id: 'group',
    label: 'Resource group',
    sortValue: (h) => h.resourceGroup,
    filterValue: (h) => h.resourceGroup,
    lowPriority: true,
    render: (h) => h.resourceGroup,
  },
  {
    id: 'purge',
    label: 'Purge protection',
    sortValue: (h) => String(h.purgeProtection),
    lowPriority: true,
    render: (h) => (h.purgeProtection ? 'Enabled' : 'Disabled'),
  },
]
