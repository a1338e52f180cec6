'use client'
import { Field, Input, makeStyles, Radio, RadioGroup, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { PrincipalPicker } from '@/components/identity/principal-picker'
import { PickList } from '@/components/postgres/create/pick-list'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { Loaded } from '@/components/ui/loaded'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { assignLocalRole, removeLocalRole } from '@/server/actions/hsms'
import type { HsmRoleAssignmentView } from '@/server/managed-hsm/contract'
import type { HsmPage, LocalRolesView } from '@/server/queries/hsms'
import { HsmFrame } from './hsm-frame'
import { ImpactDialog } from './impact'
import { localRolesQuery } from './keyvault-query'
import { StoreRefusal } from './store-refusal'

const useStyles = makeStyles({
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
})

export function LocalRoles({ name }: { name: string }) {
  const query = useQuery(localRolesQuery(name))
  return (
    <HsmFrame name={name}>
      {({ hsm }) => (
        <Section title="Local role assignments">
          <Loaded query={query} label="local roles">
            {(view) =>
              view.refusal ? (
                <StoreRefusal
                  store={{ type: 'managedhsm', name }}
                  refusal={view.refusal}
                  trustedBypass={hsm.networkAcls.bypass === 'AzureServices'}
                />
              ) : (
                <Assignments hsm={hsm} view={view} />
              )
            }
          </Loaded>
        </Section>
      )}
    </HsmFrame>
  )
}

const nameOf = (a: HsmRoleAssignmentView): string => a.principalName ?? `Identity not found (${a.principalId})`
const scopeText = (scope: string): string =>
  scope === '/' ? 'The whole HSM' : scope === '/keys' ? 'All keys' : `Key ${scope.slice('/keys/'.length)}`

function Assignments({ hsm, view }: { hsm: HsmPage['hsm']; view: LocalRolesView }) {
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<HsmRoleAssignmentView | null>(null)
  const columns: TableColumn<HsmRoleAssignmentView>[] = [
    { id: 'principal', label: 'Principal', sortValue: nameOf, render: nameOf },
    {
      id: 'role',
      label: 'Role',
      sortValue: (a) => a.roleName,
      filterValue: (a) => a.roleName,
      render: (a) => a.roleName,
    },
    { id: 'scope', label: 'Scope', sortValue: (a) => a.scope, render: (a) => scopeText(a.scope) },
    {
      id: 'actions',
      label: 'Actions',
      render: (a) => (
        <PermissionButton
          size="small"
          appearance="subtle"
          permission={view.permissions.remove}
          onClick={() => setRemoving(a)}
        >
          Remove
        </PermissionButton>
      ),
    },
  ]
  return (
    <>
      <CommandBar label="Local role commands">
        <Command icon={<AddRegular />} permission={view.permissions.assign} onClick={() => setAdding(true)}>
          Add role assignment
        </Command>
      </CommandBar>
      <ResourceTable
        label="local role assignments"
        rows={view.assignments ?? undefined}
        rowId={(a) => a.id}
        columns={columns}
        searchText={(a) => `${nameOf(a)} ${a.roleName} ${a.scope}`}
        defaultSort={{ column: 'principal' }}
        empty={<EmptyState title="No local roles" />}
      />
      {adding && <AddLocalRole hsmId={hsm.id} view={view} onClose={() => setAdding(false)} />}
      {removing && <RemoveLocalRole hsm={hsm} assignment={removing} onClose={() => setRemoving(null)} />}
    </>
  )
}

function RemoveLocalRole(props: { hsm: HsmPage['hsm']; assignment: HsmRoleAssignmentView; onClose: () => void }) {
  const { hsm, assignment, onClose } = props
  const name = nameOf(assignment)
  const { run, busy } = useAction(removeLocalRole, {
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
      question={{ change: 'localRole', store: hsm.name, assignmentId: assignment.id }}
      onConfirm={async () => {
        await run({ id: hsm.id, assignmentId: assignment.id })
        onClose()
      }}
    >
      <span>
        {name} loses what this role allows on: {scopeText(assignment.scope).toLowerCase()}. It works at once.
      </span>
    </ImpactDialog>
  )
}

function AddLocalRole({ hsmId, view, onClose }: { hsmId: string; view: LocalRolesView; onClose: () => void }) {
  const styles = useStyles()
  const [roleDefinitionId, setRole] = useState<string | null>(null)
  const [principalId, setPrincipal] = useState<string | null>(null)
  const [where, setWhere] = useState('/')
  const [key, setKey] = useState('')
  const { run, busy } = useAction(assignLocalRole, {
    progress: 'Giving the role',
    success: 'The role was given',
    failure: 'The role could not be given',
    invalidate: [['identity'], ['servers'], ['keys']],
  })
  const scope = where === 'key' ? `/keys/${key.trim()}` : where
  const save = async () => {
    const result = await run({ id: hsmId, role: { scope, roleDefinitionId, principalId } })
    if (result.ok) onClose()
  }
  const reason = !roleDefinitionId
    ? 'Choose a role.'
    : !principalId
      ? 'Choose who gets the role.'
      : where === 'key' && !key.trim()
        ? 'Name the key.'
        : busy
          ? 'It is being given.'
          : null
  return (
    <Pane
      open
      onClose={onClose}
      title="Add role assignment"
      footer={
        <PaneFooter
          permission={view.permissions.assign}
          disabledReason={reason}
          onClick={() => void save()}
          onClose={onClose}
        >
          Assign
        </PaneFooter>
      }
    >
      <h3 className={styles.heading}>Role</h3>
      <PickList
        label="Local roles"
        selected={roleDefinitionId}
        onPick={setRole}
        items={view.roles.map((role) => ({ id: role.id, title: role.name, lines: [role.description] }))}
      />
      <Field label="Scope">
        <RadioGroup value={where} onChange={(_, data) => setWhere(data.value)}>
          <Radio value="/" label="The whole HSM" />
          <Radio value="/keys" label="All keys" />
          <Radio value="key" label="One key" />
        </RadioGroup>
      </Field>
      {where === 'key' && (
        <Field label="Key name" required>
          <Input value={key} onChange={(_, data) => setKey(data.value)} autoComplete="off" />
        </Field>
      )}
      <h3 className={styles.heading}>Who</h3>
      <PrincipalPicker directory={view.directory} selected={principalId} onPick={setPrincipal} />
    </Pane>
  )
}
