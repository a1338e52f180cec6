'use client'
import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise'
import { BracesRegular } from '@fluentui/react-icons/svg/braces'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { JsonView } from '@/components/postgres/server/json-view'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { Command, CommandBar, CommandDivider, CommandLink } from '@/components/ui/command-bar'
import { Loaded } from '@/components/ui/loaded'
import { SectionNav } from '@/components/ui/section-nav'
import { useAction } from '@/components/ui/use-action'
import { removeHsm } from '@/server/actions/hsms'
import type { HsmPage } from '@/server/queries/hsms'
import { DeletedStoreActions } from './deleted-store'
import { DependentServers } from './dependent-servers'
import { ActivationBadge } from './hsms-list'
import { ImpactDialog } from './impact'
import { hsmQuery } from './keyvault-query'

const sections = (name: string) => [
  { label: 'Overview', href: paths.hsm(name) },
  { label: 'Keys', href: paths.hsmSection(name, 'keys') },
  { label: 'Deleted keys', href: paths.hsmSection(name, 'deleted-keys') },
  { label: 'Local RBAC', href: paths.hsmSection(name, 'roles') },
  { label: 'Security domain', href: paths.hsmSection(name, 'activation') },
  { label: 'Backups', href: paths.hsmSection(name, 'backups') },
  { label: 'Networking', href: paths.hsmSection(name, 'networking') },
  { label: 'Properties', href: paths.hsmSection(name, 'properties') },
  { label: 'Audit log', href: paths.hsmSection(name, 'audit') },
]

/** What all pages of one managed HSM share. */
export function HsmFrame({ name, children }: { name: string; children: (page: HsmPage) => ReactNode }) {
  const query = useQuery(hsmQuery(name))
  const [json, setJson] = useState(false)
  const page = query.data
  const hsm = page?.hsm
  return (
    <Blade
      title={hsm?.name ?? name}
      subtitle="Azure Key Vault Managed HSM, simulated"
      icon={KIND_ICONS.managedHsm}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'Managed HSMs', href: paths.hsms() },
      ]}
      badge={hsm && !hsm.deletedAt && <ActivationBadge activated={hsm.activated} />}
      commands={
        page && (
          <CommandBar>
            {!page.hsm.deletedAt && <DeleteHsm page={page} />}
            <Command icon={<ArrowClockwiseRegular />} onClick={() => void query.refetch()}>
              Refresh
            </Command>
            <CommandDivider />
            <CommandLink href={paths.access(page.hsm.id)}>Access control (IAM)</CommandLink>
            <CommandLink href={paths.locks(page.hsm.id)}>Locks</CommandLink>
            <CommandLink href={paths.activity({ resource: page.hsm.id })}>Activity log</CommandLink>
            <Command icon={<BracesRegular />} onClick={() => setJson(true)}>
              JSON view
            </Command>
          </CommandBar>
        )
      }
    >
      {!hsm?.deletedAt && <SectionNav label={`Pages of ${name}`} sections={sections(name)} />}
      <Loaded query={query} label={`managed HSM ${name}`}>
        {(loaded) =>
          loaded.hsm.deletedAt ? (
            <DeletedHsm page={loaded} />
          ) : (
            <>
              {!loaded.hsm.activated && <NotActivated name={name} />}
              {children(loaded)}
            </>
          )
        }
      </Loaded>
      {hsm && <JsonView open={json} onClose={() => setJson(false)} title={`JSON of ${name}`} value={hsm} />}
    </Blade>
  )
}

function NotActivated({ name }: { name: string }) {
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>This HSM has been provisioned, but cannot be used until it is activated.</MessageBarTitle> To
        activate it, download the security domain.
      </MessageBarBody>
      <MessageBarActions>
        <ButtonLink href={paths.hsmSection(name, 'activation')}>Activate</ButtonLink>
      </MessageBarActions>
    </MessageBar>
  )
}

function DeleteHsm({ page }: { page: HsmPage }) {
  const { hsm, permissions } = page
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(removeHsm, {
    progress: `Deleting ${hsm.name}`,
    success: `${hsm.name} was deleted; it can be recovered for ${hsm.softDeleteDays} days`,
    failure: `${hsm.name} could not be deleted`,
    invalidate: [['keys'], ['resources'], ['servers']],
  })
  return (
    <>
      <Command icon={<DeleteRegular />} permission={permissions.delete} onClick={() => setAsking(true)}>
        Delete
      </Command>
      <ImpactDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete the managed HSM ${hsm.name}?`}
        confirmLabel="Delete"
        typeToConfirm={hsm.name}
        busy={busy}
        question={{ change: 'store', store: hsm.name }}
        onConfirm={async () => {
          await run({ id: hsm.id })
          setAsking(false)
        }}
      >
        <span>
          All its keys stop working at once. It can be recovered for {hsm.softDeleteDays} days; a deleted HSM is still
          charged until it is purged.
        </span>
      </ImpactDialog>
    </>
  )
}

function DeletedHsm({ page: { hsm, permissions, servers } }: { page: HsmPage }) {
  const router = useRouter()
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>This HSM is deleted.</MessageBarTitle> It can be recovered until{' '}
          {hsm.scheduledPurgeAt && <Instant at={hsm.scheduledPurgeAt} />}, with its keys and local roles. Until it is
          purged it is still charged.
        </MessageBarBody>
      </MessageBar>
      <DeletedStoreActions
        store={{ type: 'managedhsm', id: hsm.id, name: hsm.name }}
        permissions={permissions}
        onPurged={() => router.push(paths.hsms())}
      />
      <DependentServers servers={servers} noun="managed HSM" />
    </>
  )
}
