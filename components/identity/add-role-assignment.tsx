'use client'
import { Checkbox, MessageBar, makeStyles, SearchBox, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { PickList } from '@/components/postgres/create/pick-list'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { useAction } from '@/components/ui/use-action'
import { giveRole } from '@/server/actions/access'
import type { AccessView } from '@/server/queries/access'
import { PrincipalPicker } from './principal-picker'

const useStyles = makeStyles({
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  list: { maxHeight: '320px', overflowY: 'auto' },
})

/** Gives a role at a scope: the role first, then who gets it. */
export function AddRoleAssignment({ view, onClose }: { view: AccessView; onClose: () => void }) {
  const styles = useStyles()
  const [roleDefinitionId, setRole] = useState<string | null>(null)
  const [principalId, setPrincipal] = useState<string | null>(null)
  const [filter, setFilter] = useState('')
  const [onlyData, setOnlyData] = useState(/\/vaults\//i.test(view.scope))
  const [refusal, setRefusal] = useState<string | null>(null)
  const { run, busy } = useAction(giveRole, {
    progress: 'Giving the role',
    success: ({ roleName, principalName }) => `${principalName ?? 'It'} has the role ${roleName}`,
    failure: 'The role could not be given',
    invalidate: [['identity'], ['servers'], ['keys']],
  })
  const wanted = filter.trim().toLowerCase()
  const roles = view.roles.filter(
    (r) => (!onlyData || r.data) && `${r.name} ${r.description}`.toLowerCase().includes(wanted),
  )
  const save = async () => {
    const result = await run({ scope: view.scope, roleDefinitionId, principalId })
    if (result.ok) onClose()
    else setRefusal(result.message)
  }
  return (
    <Pane
      open
      size="large"
      onClose={onClose}
      title="Add role assignment"
      footer={
        <PaneFooter
          permission={view.permissions.assign}
          disabledReason={reason(roleDefinitionId, principalId, busy)}
          onClick={() => void save()}
          onClose={onClose}
        >
          Assign
        </PaneFooter>
      }
    >
      {refusal && <MessageBar intent="error">{refusal}</MessageBar>}
      <h3 className={styles.heading}>Role</h3>
      <SearchBox
        placeholder="Filter by name or what it allows"
        aria-label="Filter roles"
        value={filter}
        onChange={(_, data) => setFilter(data.value)}
      />
      <Checkbox
        label="Only roles with data actions (keys, secrets, certificates)"
        checked={onlyData}
        onChange={(_, data) => setOnlyData(data.checked === true)}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard. */}
      <section className={styles.list} aria-label="Roles" tabIndex={0}>
        <PickList
          label="Roles"
          selected={roleDefinitionId}
          onPick={setRole}
          items={roles.map((r) => ({
            id: r.id,
            title: r.name,
            lines: [r.description],
            badge: r.custom ? 'Custom' : undefined,
          }))}
        />
      </section>
      <h3 className={styles.heading}>Who gets it</h3>
      <PrincipalPicker directory={view.directory} selected={principalId} onPick={setPrincipal} />
    </Pane>
  )
}

function reason(roleDefinitionId: string | null, principalId: string | null, busy: boolean): string | null {
  if (busy) return 'It is being given.'
  if (!roleDefinitionId) return 'Choose a role.'
  return principalId ? null : 'Choose who gets the role.'
}
