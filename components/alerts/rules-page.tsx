'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { AlertUrgentRegular } from '@fluentui/react-icons/svg/alert-urgent'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText } from '@/components/portal/api'
import { RelativeTime } from '@/components/portal/instant'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import { removeAlertRule } from '@/server/actions/alerts'
import type { AlertRuleView } from '@/server/alerts/contract'
import { SeverityBadge } from './alert-looks'
import { AlertsFrame } from './alerts-frame'
import { alertSettingsQuery } from './alerts-query'
import { RulePane } from './rule-pane'
import { DeleteRule, deleteColumn, nameColumn, noPlace, statusColumn } from './rule-parts'

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
          <Command icon={<AddRegular />} disabledReason={noPlace(data, 'rule')} onClick={() => change({ rule: NEW })}>
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
      <DeleteRule kind="alert rule" rule={going} action={removeAlertRule} onClose={() => setGoing(null)}>
        Nobody is told of it any more. Alerts that it raised stay in the list.
      </DeleteRule>
    </AlertsFrame>
  )
}

const columns = (remove: (rule: AlertRuleView) => void): TableColumn<AlertRuleView>[] => [
  nameColumn,
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
  statusColumn,
  {
    id: 'evaluated',
    label: 'Last evaluated',
    lowPriority: true,
    render: (r) =>
      r.kind === 'ActivityLog' ? 'With each event' : r.evaluatedAt ? <RelativeTime at={r.evaluatedAt} /> : 'Not yet',
  },
  deleteColumn(remove),
]
