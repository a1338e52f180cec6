'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { AlertUrgentRegular } from '@fluentui/react-icons/svg/alert-urgent'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText } from '@/components/portal/api'
import { RelativeTime } from '@/components/portal/instant'
import { AppLink } from '@/components/ui/app-link'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { removeAlertRule } from '@/server/actions/alerts'
import type { AlertRuleView } from '@/server/alerts/contract'
import type { AlertSettings } from '@/server/queries/alerts'
import { SeverityBadge } from './alert-looks'
import { AlertsFrame } from './alerts-frame'
import { alertSettingsQuery } from './alerts-query'
import { RulePane } from './rule-pane'

const NEW = 'new'

/** The rules that watch the activity log and the metrics. */
export function RulesPage() {
  const [params, change] = useUrlState()
  const { data, error, refetch } = useQuery(alertSettingsQuery)
  const [going, setGoing] = useState<AlertRuleView | null>(null)
  const rule = params.get('rule')
  return (
    <AlertsFrame
      title="Alert rules"
      subtitle="What to watch for, how bad it is, and whom to tell"
      commands={
        <CommandBar>
          <Command icon={<AddRegular />} disabledReason={noPlace(data)} onClick={() => change({ rule: NEW })}>
            Create rule
          </Command>
        </CommandBar>
      }
    >
      <ResourceTable
        label="alert rules"
        rows={data?.rules}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(r) => r.id}
        columns={columns(setGoing)}
        searchText={(r) => `${r.name} ${r.description}`}
        defaultSort={{ column: 'severity' }}
        empty={
          <EmptyState
            icon={<AlertUrgentRegular />}
            title="No alert rules"
            text="Create the first one from a ready-made rule."
          />
        }
      />
      {data && rule && (
        <RulePane
          key={rule}
          settings={data}
          rule={data.rules.find((r) => r.name === rule) ?? null}
          onClose={() => change({ rule: null })}
        />
      )}
      <DeleteRule rule={going} onClose={() => setGoing(null)} />
    </AlertsFrame>
  )
}

/** Why nothing can be created, or null. */
function noPlace(settings: AlertSettings | undefined): string | null {
  const may = settings?.resourceGroups.some((g) => g.create.rule.allowed)
  return may || !settings ? null : 'It takes the role Monitoring Contributor on a resource group.'
}

function DeleteRule({ rule, onClose }: { rule: AlertRuleView | null; onClose: () => void }) {
  const { run, busy } = useAction(removeAlertRule, {
    progress: 'Deleting the alert rule',
    success: 'The alert rule was deleted',
    failure: 'The alert rule was not deleted',
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
      Nobody is told of it any more. Alerts that it raised stay in the list.
    </ConfirmDialog>
  )
}

const columns = (remove: (rule: AlertRuleView) => void): TableColumn<AlertRuleView>[] => [
  {
    id: 'name',
    label: 'Name',
    sortValue: (r) => r.name,
    render: (r) => (
      <AppLink href={`?rule=${encodeURIComponent(r.name)}`} scroll={false} prefetch={false}>
        {r.name}
      </AppLink>
    ),
  },
  {
    id: 'severity',
    label: 'Severity',
    sortValue: (r) => r.severity,
    render: (r) => <SeverityBadge severity={r.severity} />,
  },
  {
    id: 'signal',
    label: 'Signal',
    sortValue: (r) => r.kind,
    filterValue: (r) => r.kind,
    render: (r) => (r.kind === 'Metric' ? 'Metric' : 'Activity log'),
  },
  {
    id: 'enabled',
    label: 'Status',
    sortValue: (r) => String(r.enabled),
    render: (r) => (r.enabled ? 'Enabled' : 'Disabled'),
  },
  {
    id: 'evaluated',
    label: 'Last evaluated',
    lowPriority: true,
    render: (r) =>
      r.kind === 'ActivityLog' ? 'With each event' : r.evaluatedAt ? <RelativeTime at={r.evaluatedAt} /> : 'Not yet',
  },
  {
    id: 'delete',
    label: 'Delete',
    render: (r) => (
      <PermissionButton size="small" permission={r.permissions.delete} onClick={() => remove(r)}>
        Delete
      </PermissionButton>
    ),
  },
]
