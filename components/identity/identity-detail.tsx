'use client'
import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ImpactDialog } from '@/components/keyvault/impact'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { Command, CommandBar, CommandDivider, CommandLink } from '@/components/ui/command-bar'
import { Essentials } from '@/components/ui/essentials'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { StateBadge } from '@/components/ui/state-badge'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { removeIdentity, restoreIdentity } from '@/server/actions/identities'
import type { RoleAssignmentView } from '@/server/identity/contract'
import { regionDisplayName } from '@/server/kernel/regions'
import { resourceGroupId } from '@/server/kernel/resource-id'
import type { IdentityPage } from '@/server/queries/identities'
import { identityQuery } from './identity-query'
import { ScopeLink } from './scope-link'

/** One managed identity, live or deleted: who it is, what it may do, which servers use it. */
export function IdentityDetail({ principalId }: { principalId: string }) {
  const query = useQuery(identityQuery(principalId))
  const page = query.data
  const title = page?.name ?? 'Managed identity'
  return (
    <Blade
      title={title}
      subtitle="User-assigned managed identity"
      icon={KIND_ICONS.identity}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'Managed identities', href: paths.identities() },
      ]}
      commands={
        page && (
          <CommandBar>
            {page.identity && <DeleteIdentity page={page} />}
            <Command icon={<ArrowClockwiseRegular />} onClick={() => void query.refetch()}>
              Refresh
            </Command>
            <CommandDivider />
            <CommandLink href={paths.access(page.resourceId)}>Access control (IAM)</CommandLink>
            <CommandLink href={paths.locks(page.resourceId)}>Locks</CommandLink>
            <CommandLink href={paths.activity({ resource: page.resourceId })}>Activity log</CommandLink>
          </CommandBar>
        )
      }
    >
      <Loaded query={query} label="the identity">
        {(loaded) => (
          <>
            {loaded.deletedAt && <Deleted page={loaded} deletedAt={loaded.deletedAt} />}
            <Facts page={loaded} />
            <Servers servers={loaded.servers} />
            <Assignments assignments={loaded.assignments} />
          </>
        )}
      </Loaded>
    </Blade>
  )
}

function Facts({ page: { identity, principalId, resourceId } }: { page: IdentityPage }) {
  if (!identity) {
    return (
      <Section title="Essentials">
        <Essentials
          items={[
            { label: 'Object (principal) ID', value: principalId, copy: principalId },
            { label: 'Resource ID', value: resourceId, copy: resourceId },
          ]}
        />
      </Section>
    )
  }
  const group = resourceGroupId(identity.subscriptionId, identity.resourceGroup)
  return (
    <Section title="Essentials">
      <Essentials
        items={[
          { label: 'Resource group', value: <AppLink href={paths.access(group)}>{identity.resourceGroup}</AppLink> },
          { label: 'Client ID', value: identity.clientId, copy: identity.clientId },
          { label: 'Location', value: regionDisplayName(identity.location) },
          { label: 'Object (principal) ID', value: principalId, copy: principalId },
          { label: 'Created on', value: <Instant at={identity.createdAt} /> },
          { label: 'Resource ID', value: resourceId, copy: resourceId },
          {
            label: 'Tags',
            value: Object.entries(identity.tags)
              .map(([k, v]) => `${k}: ${v}`)
              .join(', '),
          },
        ]}
      />
    </Section>
  )
}

function Servers({ servers }: { servers: IdentityPage['servers'] }) {
  const columns: TableColumn<IdentityPage['servers'][number]>[] = [
    {
      id: 'server',
      label: 'Server',
      sortValue: (s) => s.name,
      render: (s) => <AppLink href={paths.server(s.name)}>{s.name}</AppLink>,
    },
    { id: 'state', label: 'Status', sortValue: (s) => s.state, render: (s) => <StateBadge state={s.state} /> },
    {
      id: 'use',
      label: 'Used for',
      render: (s) => (s.keyRole === 'geo' ? 'Key of the geo-redundant backup' : 'Key of the server'),
    },
  ]
  return (
    <Section title="Servers that use it">
      <ResourceTable
        label="servers that use this identity"
        urlPrefix="s."
        rows={servers}
        rowId={(s) => `${s.name} ${s.keyRole}`}
        columns={columns}
        defaultSort={{ column: 'server' }}
        empty={<EmptyState title="No server" text="No server uses a key in the name of this identity." />}
      />
    </Section>
  )
}

const ASSIGNMENT_COLUMNS: TableColumn<RoleAssignmentView>[] = [
  { id: 'role', label: 'Role', sortValue: (a) => a.roleName, render: (a) => a.roleName },
  { id: 'scope', label: 'Scope', sortValue: (a) => a.scope, render: (a) => <ScopeLink scope={a.scope} /> },
  {
    id: 'since',
    label: 'Takes effect',
    sortValue: (a) => a.effectiveAt,
    lowPriority: true,
    render: (a) => <Instant at={a.effectiveAt} />,
  },
]

function Assignments({ assignments }: { assignments: RoleAssignmentView[] | null }) {
  return (
    <Section title="Azure role assignments">
      <ResourceTable
        label="role assignments of this identity"
        urlPrefix="a."
        rows={assignments ?? []}
        rowId={(a) => a.id}
        columns={ASSIGNMENT_COLUMNS}
        defaultSort={{ column: 'role' }}
        empty={
          assignments ? (
            <EmptyState
              title="No roles"
              text="To use a key in a vault it needs Key Vault Crypto Service Encryption User there."
            />
          ) : (
            <EmptyState title="Not for you to see" text="The person you act as may not read role assignments." />
          )
        }
      />
    </Section>
  )
}

function Deleted({ page, deletedAt }: { page: IdentityPage; deletedAt: string }) {
  const { run, busy } = useAction(restoreIdentity, {
    progress: `Restoring ${page.name}`,
    success: `${page.name} was restored with its object id and roles`,
    failure: `${page.name} could not be restored`,
    invalidate: [['identity'], ['servers'], ['resources']],
  })
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>This identity is deleted.</MessageBarTitle> It was deleted on <Instant at={deletedAt} /> and
        can be restored for 30 days, with the same object id, so that its roles work again.
        {page.successor && (
          <>
            {' '}
            Another identity has its name now; its object id differs, so it does not replace this one:{' '}
            <AppLink inline href={paths.identity(page.successor.principalId)}>
              {page.successor.principalId}
            </AppLink>
            .
          </>
        )}
      </MessageBarBody>
      <MessageBarActions>
        <PermissionButton
          appearance="primary"
          permission={page.permissions.restore}
          disabledReason={
            busy
              ? 'It is being restored.'
              : page.successor
                ? 'Another identity has its name now. Delete that one first.'
                : null
          }
          onClick={() => void run({ principalId: page.principalId })}
        >
          Restore
        </PermissionButton>
      </MessageBarActions>
    </MessageBar>
  )
}

function DeleteIdentity({ page }: { page: IdentityPage }) {
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(removeIdentity, {
    progress: `Deleting ${page.name}`,
    success: `${page.name} was deleted; it can be restored for 30 days`,
    failure: `${page.name} could not be deleted`,
    invalidate: [['identity'], ['servers'], ['resources']],
  })
  return (
    <>
      <Command icon={<DeleteRegular />} permission={page.permissions.delete} onClick={() => setAsking(true)}>
        Delete
      </Command>
      <ImpactDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete the identity ${page.name}?`}
        confirmLabel="Delete"
        typeToConfirm={page.name}
        busy={busy}
        question={{ change: 'identity', identityId: page.resourceId }}
        onConfirm={async () => {
          await run({ id: page.resourceId })
          setAsking(false)
        }}
      >
        <span>
          Its role assignments stay and point to nobody (“Identity not found”). It can be restored for 30 days. An
          identity made anew under the same name is another one: it heals nothing.
        </span>
      </ImpactDialog>
    </>
  )
}
