'use client'
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise'
import { BracesRegular } from '@fluentui/react-icons/svg/braces'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { JsonView } from '@/components/postgres/server/json-view'
import { Blade } from '@/components/ui/blade'
import { Command, CommandBar, CommandDivider, CommandLink } from '@/components/ui/command-bar'
import { Loaded } from '@/components/ui/loaded'
import { SectionNav } from '@/components/ui/section-nav'
import type { VaultPage } from '@/server/queries/vaults'
import { DeleteVault } from './delete-vault'
import { DeletedStoreActions } from './deleted-store'
import { DependentServers } from './dependent-servers'
import { vaultQuery } from './keyvault-query'

const sections = (name: string) => [
  { label: 'Overview', href: paths.vault(name) },
  { label: 'Keys', href: paths.vaultSection(name, 'keys') },
  { label: 'Deleted keys', href: paths.vaultSection(name, 'deleted-keys') },
  { label: 'Access configuration', href: paths.vaultSection(name, 'access') },
  { label: 'Networking', href: paths.vaultSection(name, 'networking') },
  { label: 'Properties', href: paths.vaultSection(name, 'properties') },
  { label: 'Metrics', href: paths.vaultSection(name, 'metrics') },
  { label: 'Audit log', href: paths.vaultSection(name, 'audit') },
]

/** What all pages of one vault share: title, commands, sections. A deleted vault can only be recovered or purged. */
export function VaultFrame({ name, children }: { name: string; children: (page: VaultPage) => ReactNode }) {
  const query = useQuery(vaultQuery(name))
  const [json, setJson] = useState(false)
  const page = query.data
  const vault = page?.vault
  return (
    <Blade
      title={vault?.name ?? name}
      subtitle="Key vault, simulated"
      icon={KIND_ICONS.vault}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'Key vaults', href: paths.vaults() },
      ]}
      commands={
        page && (
          <CommandBar>
            {!page.vault.deletedAt && <DeleteVault page={page} />}
            <Command icon={<ArrowClockwiseRegular />} onClick={() => void query.refetch()}>
              Refresh
            </Command>
            <CommandDivider />
            <CommandLink href={paths.access(page.vault.id)}>Access control (IAM)</CommandLink>
            <CommandLink href={paths.locks(page.vault.id)}>Locks</CommandLink>
            <CommandLink href={paths.activity({ resource: page.vault.id })}>Activity log</CommandLink>
            <Command icon={<BracesRegular />} onClick={() => setJson(true)}>
              JSON view
            </Command>
          </CommandBar>
        )
      }
    >
      {!vault?.deletedAt && <SectionNav label={`Pages of ${name}`} sections={sections(name)} />}
      <Loaded query={query} label={`key vault ${name}`}>
        {(loaded) => (loaded.vault.deletedAt ? <DeletedVault page={loaded} /> : children(loaded))}
      </Loaded>
      {vault && <JsonView open={json} onClose={() => setJson(false)} title={`JSON of ${name}`} value={vault} />}
    </Blade>
  )
}

function DeletedVault({ page }: { page: VaultPage }) {
  const router = useRouter()
  const { vault, permissions, servers } = page
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>This vault is deleted.</MessageBarTitle> It was deleted on{' '}
          {vault.deletedAt && <Instant at={vault.deletedAt} />} and can be recovered until{' '}
          {vault.scheduledPurgeAt && <Instant at={vault.scheduledPurgeAt} />}. Recovering brings its keys and access
          policies back, and no role assignment: whoever needs the keys, the identities of servers included, has to be
          given a role again.
        </MessageBarBody>
      </MessageBar>
      <DeletedStoreActions
        store={{ type: 'vault', id: vault.id, name: vault.name }}
        permissions={permissions}
        onPurged={() => router.push(paths.vaults())}
      />
      <DependentServers servers={servers} noun="key vault" />
    </>
  )
}
