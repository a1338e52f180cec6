'use client'
import type { ReactNode } from 'react'
import { AppLink } from '@/components/ui/app-link'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { PermissionButton } from '@/components/ui/permission-button'
import type { TableColumn } from '@/components/ui/resource-table'
import { useAction } from '@/components/ui/use-action'
import type { ActionResult } from '@/server/actions/result'
import type { AlertRuleView, ProcessingRuleView } from '@/server/alerts/contract'
import type { AlertSettings } from '@/server/queries/alerts'

/** Why none can be created, or null. */
export function noPlace(
  settings: AlertSettings | undefined,
  kind: keyof AlertSettings['resourceGroups'][number]['create'],
): string | null {
  const may = settings?.resourceGroups.some((g) => g.create[kind].allowed)
  return may || !settings ? null : 'It takes the role Monitoring Contributor on a resource group.'
}

type Rule = AlertRuleView | ProcessingRuleView

/** The name, which opens a rule's pane, and whether the rule is at work. */
export const nameColumn: TableColumn<Rule> = {
  id: 'name',
  label: 'Name',
  sortValue: (r) => r.name,
  render: (r) => (
    <AppLink href={`?rule=${encodeURIComponent(r.name)}`} scroll={false} prefetch={false}>
      {r.name}
    </AppLink>
  ),
}

export const statusColumn: TableColumn<Rule> = {
  id: 'enabled',
  label: 'Status',
  sortValue: (r) => String(r.enabled),
  render: (r) => (r.enabled ? 'Enabled' : 'Disabled'),
}

export const deleteColumn = <R extends Rule>(remove: (rule: R) => void): TableColumn<R> => ({
  id: 'delete',
  label: 'Delete',
  render: (r) => (
    <PermissionButton size="small" permission={r.permissions.delete} onClick={() => remove(r)}>
      Delete
    </PermissionButton>
  ),
})

/** Asks before a rule is deleted; `kind` is "alert rule", the children say what follows. */
export function DeleteRule(props: {
  kind: string
  rule: Rule | null
  action: (input: { id: string }) => Promise<ActionResult<boolean>>
  onClose: () => void
  children: ReactNode
}) {
  const { kind, rule, onClose } = props
  const { run, busy } = useAction(props.action, {
    progress: `Deleting the ${kind}`,
    success: `The ${kind} was deleted`,
    failure: `The ${kind} was not deleted`,
    invalidate: [['alerts']],
  })
  const confirm = async () => {
    if (rule && (await run({ id: rule.id })).ok) onClose()
  }
  return (
    <ConfirmDialog
      open={rule !== null}
      onClose={onClose}
      title={`Delete ${rule?.name ?? ''}?`}
      confirmLabel="Delete"
      danger
      busy={busy}
      onConfirm={() => void confirm()}
    >
      {props.children}
    </ConfirmDialog>
  )
}
