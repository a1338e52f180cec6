'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
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
import { regionDisplayName } from '@/server/kernel/regions'
import type { VaultView } from '@/server/keyvault/contract'
import { DELETED_STORES, DeletedStores } from './deleted-stores'
import { vaultsQuery } from './keyvault-query'

export function VaultsList() {
  const { data, error, refetch } = useQuery(vaultsQuery)
  return (
    <Blade
      title="Key vaults"
      subtitle="Where customer-managed keys are kept; simulated"
      icon={KIND_ICONS.vault}
      breadcrumb={[{ label: 'Home', href: paths.home() }]}
      commands={
        <CommandBar>
          <CommandLink href={paths.createVault()} icon={<AddRegular />}>
            Create
          </CommandLink>
          <CommandLink href={`#${DELETED_STORES}`} icon={<DeleteRegular />}>
            Manage deleted vaults
          </CommandLink>
        </CommandBar>
      }
    >
      <ResourceTable
        label="key vaults"
        rows={data?.vaults}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(v) => v.id}
        columns={COLUMNS}
        searchText={(v) => `${v.name} ${v.resourceGroup} ${v.location}`}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={KIND_ICONS.vault}
            title="No key vaults"
            text="There is none yet, or the person you act as may read none."
            action={<ButtonLink href={paths.createVault()}>Create a key vault</ButtonLink>}
          />
        }
      />
      <DeletedStores type="vault" rows={data?.deleted} />
    </Blade>
  )
}

export const PERMISSION_MODELS = {
  rbac: 'Azure role-based access control',
  accessPolicies: 'Vault access policy',
} as const

const COLUMNS: TableColumn<VaultView>[] = [
  {
    id: 'name',
    label: 'Name',
    sortValue: (v) => v.name,
    render: (v) => <AppLink href={paths.vault(v.name)}>{v.name}</AppLink>,
  },
  {
    id: 'location',
    label: 'Location',
    sortValue: (v) => regionDisplayName(v.location),
    filterValue: (v) => v.location,
    filterLabel: regionDisplayName,
    render: (v) => regionDisplayName(v.location),
  },
  {
    id: 'group',
    label: 'Resource group',
    sortValue: (v) => v.resourceGroup,
    filterValue: (v) => v.resourceGroup,
    lowPriority: true,
    render: (v) => v.resourceGroup,
  },
  {
    id: 'model',
    label: 'Permission model',
    sortValue: (v) => v.permissionModel,
    filterValue: (v) => v.permissionModel,
    filterLabel: (v) => PERMISSION_MODELS[v as VaultView['permissionModel']],
    render: (v) => PERMISSION_MODELS[v.permissionModel],
  },
  {
    id: 'purge',
    label: 'Purge protection',
    sortValue: (v) => String(v.purgeProtection),
    render: (v) => (v.purgeProtection ? 'Enabled' : 'Disabled'),
  },
  {
    id: 'network',
    label: 'Public access',
    sortValue: networkSummary,
    lowPriority: true,
    render: networkSummary,
  },
]

/** What becomes of what is deleted. */
export const softDeleteText = (v: Pick<VaultView, 'softDelete' | 'softDeleteDays'>): string =>
  v.softDelete ? `Enabled, ${v.softDeleteDays} days` : 'Disabled: what is deleted is destroyed at once'

/** Who reaches the data plane from the internet, in a few words. */
export function networkSummary(v: Pick<VaultView, 'publicNetworkAccess' | 'networkAcls'>): string {
  if (!v.publicNetworkAccess) return 'Disabled'
  if (v.networkAcls.defaultAction === 'Allow') return 'All networks'
  const count = v.networkAcls.ipRules.length
  return `${count} ${count === 1 ? 'address' : 'addresses'}`
}
