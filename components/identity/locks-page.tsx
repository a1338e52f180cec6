'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise'
import { LockClosedRegular } from '@fluentui/react-icons/svg/lock-closed'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { Blade } from '@/components/ui/blade'
import { Command, CommandBar, CommandLink } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { removeLock } from '@/server/actions/locks'
import type { LocksView } from '@/server/queries/locks'
import { locksQuery } from './identity-query'
import { LEVEL_EFFECTS, LEVEL_LABELS } from './lock-levels'
import { LockPane } from './lock-pane'
import { ScopeLink } from './scope-link'
import { describeScope } from './scope-text'

type Lock = LocksView['locks'][number]

/** The locks that hold for a scope, its own and inherited ones. */
export function LocksPage({ scope }: { scope: string }) {
  const query = useQuery(locksQuery(scope))
  const [params, change] = useUrlState()
  const view = query.data
  const { kind, name, href } = describeScope(scope)
  const label = view?.trail.at(-1)?.label ?? name
  const shown = params.get('lock')
  const edit = (lock: string | null) => change({ lock })
  return (
    <Blade
      title="Locks"
      subtitle={`${kind}: ${label}`}
      icon={<LockClosedRegular />}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        ...(view?.trail ?? []).map((t) => ({
          label: t.label,
          href: t.scope === scope ? href : paths.locks(t.scope),
        })),
      ]}
      commands={
        view && (
          <CommandBar>
            <Command icon={<AddRegular />} permission={view.permissions.write} onClick={() => edit(NEW)}>
              Add
            </Command>
            <Command icon={<ArrowClockwiseRegular />} onClick={() => void query.refetch()}>
              Refresh
            </Command>
            <CommandLink href={paths.access(scope)}>Access control (IAM)</CommandLink>
            <CommandLink href={paths.activity({ resource: scope })}>Activity log</CommandLink>
          </CommandBar>
        )
      }
    >
      <Loaded query={query} label="locks">
        {(loaded) => <Locks view={loaded} onEdit={edit} />}
      </Loaded>
      {view && shown && (
        <LockPane
          key={shown}
          view={view}
          lock={shown === NEW ? null : (view.locks.find((l) => l.id === shown) ?? null)}
          onClose={() => edit(null)}
        />
      )}
    </Blade>
  )
}

/** In the address: the pane for a lock that is not there yet. */
const NEW = 'new'

function Locks({ view, onEdit }: { view: LocksView; onEdit: (lock: string) => void }) {
  const [removing, setRemoving] = useState<Lock | null>(null)
  return (
    <>
      <ResourceTable
        label="locks"
        urlPrefix="l."
        rows={view.locks}
        rowId={(lock) => lock.id}
        columns={columns(view, onEdit, setRemoving)}
        searchText={(lock) => `${lock.name} ${lock.level} ${lock.notes}`}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={<LockClosedRegular />}
            title="No locks"
            text="A lock keeps everyone, owners included, from deleting this or from changing it by mistake. It is for management: keys, connections and data work on."
          />
        }
      />
      {removing && <RemoveLock lock={removing} onClose={() => setRemoving(null)} />}
    </>
  )
}

const INHERITED = 'It is inherited: change it at the scope where it lies.'

function columns(
  { permissions }: LocksView,
  edit: (lock: string) => void,
  remove: (lock: Lock) => void,
): TableColumn<Lock>[] {
  return [
    { id: 'name', label: 'Lock name', sortValue: (l) => l.name, render: (l) => l.name },
    {
      id: 'level',
      label: 'Lock type',
      sortValue: (l) => l.level,
      filterValue: (l) => l.level,
      filterLabel: (level) => LEVEL_LABELS[level as Lock['level']],
      render: (l) => <span title={LEVEL_EFFECTS[l.level]}>{LEVEL_LABELS[l.level]}</span>,
    },
    {
      id: 'scope',
      label: 'Scope',
      sortValue: (l) => l.scope,
      render: (l) => (l.inherited ? <ScopeLink scope={l.scope} to={paths.locks} /> : 'This resource'),
    },
    { id: 'notes', label: 'Notes', render: (l) => l.notes },
    {
      id: 'created',
      label: 'Set',
      sortValue: (l) => l.createdAt,
      lowPriority: true,
      render: (l) => (
        <span>
          <Instant at={l.createdAt} /> by {l.creator ?? 'somebody who is gone'}
        </span>
      ),
    },
    {
      id: 'actions',
      label: 'Actions',
      render: (l) => (
        <>
          <PermissionButton
            size="small"
            appearance="subtle"
            permission={permissions.write}
            disabledReason={l.inherited ? INHERITED : null}
            onClick={() => edit(l.id)}
          >
            Edit
          </PermissionButton>
          <PermissionButton
            size="small"
            appearance="subtle"
            permission={permissions.remove}
            disabledReason={l.inherited ? INHERITED : null}
            onClick={() => remove(l)}
          >
            Delete
          </PermissionButton>
        </>
      ),
    },
  ]
}

function RemoveLock({ lock, onClose }: { lock: Lock; onClose: () => void }) {
  const { run, busy } = useAction(removeLock, {
    progress: `Deleting the lock ${lock.name}`,
    success: `The lock ${lock.name} was deleted`,
    failure: `The lock ${lock.name} could not be deleted`,
    invalidate: [['identity'], ['keys'], ['servers'], ['resources']],
  })
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Delete the lock ${lock.name}?`}
      confirmLabel="Delete"
      danger
      busy={busy}
      onConfirm={async () => {
        await run({ scope: lock.scope, name: lock.name })
        onClose()
      }}
    >
      <span>
        Nothing changes by this alone. From then on whoever has the rights can{' '}
        {lock.level === 'CanNotDelete' ? 'delete' : 'change and delete'} what the lock protects: this and all below it.
      </span>
    </ConfirmDialog>
  )
}
