'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise'
import { PeopleRegular } from '@fluentui/react-icons/svg/people'
import { PersonQuestionMarkRegular } from '@fluentui/react-icons/svg/person-question-mark'
import { PersonSearchRegular } from '@fluentui/react-icons/svg/person-search'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ImpactDialog } from '@/components/keyvault/impact'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { useTickingNow } from '@/components/portal/use-ticking-now'
import { Blade } from '@/components/ui/blade'
import { Command, CommandBar, CommandLink } from '@/components/ui/command-bar'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { StatusPill } from '@/components/ui/status-pill'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { takeRole } from '@/server/actions/access'
import type { RoleAssignmentView } from '@/server/identity/contract'
import type { AccessView } from '@/server/queries/access'
import { AddRoleAssignment } from './add-role-assignment'
import { CheckAccess } from './check-access'
import { accessQuery } from './identity-query'
import { ScopeLink } from './scope-link'
import { describeScope } from './scope-text'

/** Access control (IAM): who has which role at a scope, its own and inherited ones. */
export function AccessControl({ scope }: { scope: string }) {
  const query = useQuery(accessQuery(scope))
  const [adding, setAdding] = useState(false)
  const [params, change] = useUrlState()
  const checked = params.get('check')
  const view = query.data
  const { kind, name, href } = describeScope(scope)
  const label = view?.trail.at(-1)?.label ?? name
  return (
    <Blade
      title="Access control (IAM)"
      subtitle={`${kind}: ${label}`}
      icon={<PeopleRegular />}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        ...(view?.trail ?? []).map((t) => ({
          label: t.label,
          href: t.scope === scope ? href : paths.access(t.scope),
        })),
      ]}
      commands={
        view && (
          <CommandBar>
            <Command icon={<AddRegular />} permission={view.permissions.assign} onClick={() => setAdding(true)}>
              Add role assignment
            </Command>
            <Command icon={<PersonSearchRegular />} onClick={() => change({ check: ANYBODY })}>
              Check access
            </Command>
            <Command icon={<ArrowClockwiseRegular />} onClick={() => void query.refetch()}>
              Refresh
            </Command>
            <CommandLink href={paths.locks(scope)}>Locks</CommandLink>
            <CommandLink href={paths.activity({ resource: scope })}>Activity log</CommandLink>
          </CommandBar>
        )
      }
    >
      <Loaded query={query} label="role assignments">
        {(loaded) => <Assignments view={loaded} />}
      </Loaded>
      {view && checked && (
        <CheckAccess
          view={view}
          principalId={checked === ANYBODY ? '' : checked}
          onPick={(objectId) => change({ check: objectId ?? ANYBODY })}
          onClose={() => change({ check: null })}
        />
      )}
      {view && adding && <AddRoleAssignment view={view} onClose={() => setAdding(false)} />}
    </Blade>
  )
}

/** In the address: nobody is chosen yet. */
const ANYBODY = 'anybody'

const nameOf = (a: RoleAssignmentView): string => a.principalName ?? 'Identity not found'

function Assignments({ view }: { view: AccessView }) {
  const [removing, setRemoving] = useState<RoleAssignmentView | null>(null)
  const columns: TableColumn<RoleAssignmentView>[] = [
    { id: 'name', label: 'Name', sortValue: nameOf, render: (a) => <Holder assignment={a} /> },
    {
      id: 'type',
      label: 'Type',
      sortValue: (a) => a.principalType,
      filterValue: (a) => a.principalType,
      lowPriority: true,
      render: (a) => (a.principalType === 'ServicePrincipal' ? 'App or identity' : a.principalType),
    },
    {
      id: 'role',
      label: 'Role',
      sortValue: (a) => a.roleName,
      filterValue: (a) => a.roleName,
      render: (a) => a.roleName,
    },
    {
      id: 'scope',
      label: 'Scope',
      sortValue: (a) => a.scope,
      filterValue: (a) => (a.inherited ? 'Inherited' : 'This resource'),
      render: (a) =>
        a.inherited ? (
          <span>
            Inherited from <ScopeLink scope={a.scope} />
          </span>
        ) : (
          'This resource'
        ),
    },
    { id: 'effect', label: 'Effect', render: (a) => <Effect assignment={a} /> },
    {
      id: 'actions',
      label: 'Actions',
      render: (a) => (
        <PermissionButton
          size="small"
          appearance="subtle"
          permission={view.permissions.remove}
          disabledReason={
            a.ceasesAt
              ? 'It was removed already.'
              : a.inherited
                ? 'It is inherited: remove it at the scope where it was given.'
                : null
          }
          onClick={() => setRemoving(a)}
        >
          Remove
        </PermissionButton>
      ),
    },
  ]
  return (
    <>
      <ResourceTable
        label="role assignments"
        // The page's own `scope` stands in the address too.
        urlPrefix="a."
        rows={view.assignments}
        rowId={(a) => a.id}
        columns={columns}
        searchText={(a) => `${nameOf(a)} ${a.roleName} ${a.principalId} ${a.scope}`}
        defaultSort={{ column: 'role' }}
        empty={<EmptyState icon={<PeopleRegular />} title="No role assignments" />}
      />
      {removing && <RemoveAssignment assignment={removing} onClose={() => setRemoving(null)} />}
    </>
  )
}

function Holder({ assignment }: { assignment: RoleAssignmentView }) {
  if (assignment.principalName) return assignment.principalName
  return (
    <StatusPill tone="warning" icon={<PersonQuestionMarkRegular />}>
      Identity not found ({assignment.principalId.slice(0, 8)}…)
    </StatusPill>
  )
}

/** A role that was just given or taken works after the propagation time only. */
function Effect({ assignment: { effectiveAt, ceasesAt } }: { assignment: RoleAssignmentView }) {
  const now = useTickingNow()
  if (ceasesAt) {
    return (
      <span>
        Removed, works until <Instant at={ceasesAt} />
      </span>
    )
  }
  if (Date.parse(effectiveAt) > now) {
    return (
      <span>
        From <Instant at={effectiveAt} />
      </span>
    )
  }
  return 'In force'
}

function RemoveAssignment({ assignment, onClose }: { assignment: RoleAssignmentView; onClose: () => void }) {
  const name = nameOf(assignment)
  const { run, busy } = useAction(takeRole, {
    progress: `Taking ${assignment.roleName} from ${name}`,
    success: `${name} no longer has the role ${assignment.roleName}`,
    failure: `${assignment.roleName} could not be taken from ${name}`,
    invalidate: [['identity'], ['servers'], ['keys']],
  })
  return (
    <ImpactDialog
      open
      onClose={onClose}
      title={`Take ${assignment.roleName} from ${name}?`}
      confirmLabel="Remove"
      busy={busy}
      question={{ change: 'role', scope: assignment.scope, assignmentId: assignment.id }}
      onConfirm={async () => {
        await run({ id: assignment.id })
        onClose()
      }}
    >
      <span>{name} loses what this role allows here and below.</span>
    </ImpactDialog>
  )
}
