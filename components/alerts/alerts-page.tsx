'use client'
import { AlertUrgentRegular } from '@fluentui/react-icons/svg/alert-urgent'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '@/components/portal/api'
import { RelativeTime } from '@/components/portal/instant'
import { pathOfResource, paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { ButtonLink } from '@/components/ui/button-link'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import type { AlertView } from '@/server/alerts/contract'
import { ConditionBadge, SeverityBadge, severityText } from './alert-looks'
import { AlertPane } from './alert-pane'
import { AlertsFrame } from './alerts-frame'
import { alertsQuery } from './alerts-query'

/** Every alert that the person may see, newest first, live. */
export function AlertsPage() {
  const [params, change] = useUrlState()
  const { data, error, refetch } = useQuery(alertsQuery)
  return (
    <AlertsFrame title="Alerts" subtitle="What the rules found in the activity log and the metrics">
      <ResourceTable
        label="alerts"
        rows={data}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(a) => a.id}
        columns={COLUMNS}
        searchText={(a) => [a.title, a.ruleName, a.targetName].join(' ')}
        defaultSort={{ column: 'fired', order: 'descending' }}
        onRowClick={(a) => change({ alert: a.id })}
        empty={
          <EmptyState
            icon={<AlertUrgentRegular />}
            title="No alerts"
            text="Nothing that a rule watches for has happened, or you may not see it."
            action={<ButtonLink href={paths.alertRules()}>Alert rules</ButtonLink>}
          />
        }
      />
      <AlertPane id={params.get('alert')} onClose={() => change({ alert: null })} />
    </AlertsFrame>
  )
}

const COLUMNS: TableColumn<AlertView>[] = [
  {
    id: 'title',
    label: 'Alert',
    width: '36%',
    sortValue: (a) => a.title,
    render: (a) => (
      <AppLink href={paths.alerts({ alert: a.id })} scroll={false} prefetch={false}>
        {a.title}
      </AppLink>
    ),
  },
  {
    id: 'severity',
    label: 'Severity',
    sortValue: (a) => a.severity,
    filterValue: (a) => String(a.severity),
    filterLabel: (v) => severityText(Number(v)),
    render: (a) => <SeverityBadge severity={a.severity} />,
  },
  {
    id: 'condition',
    label: 'Condition',
    sortValue: (a) => a.condition,
    filterValue: (a) => a.condition,
    render: (a) => <ConditionBadge condition={a.condition} />,
  },
  {
    id: 'state',
    label: 'State',
    sortValue: (a) => a.state,
    filterValue: (a) => a.state,
    render: (a) => (a.suppressedBy ? `${a.state}, silenced` : a.state),
  },
  {
    id: 'target',
    label: 'Resource',
    sortValue: (a) => a.targetName,
    lowPriority: true,
    render: (a) => {
      const href = pathOfResource(a.targetId)
      return href ? <AppLink href={href}>{a.targetName}</AppLink> : a.targetName
    },
  },
  { id: 'fired', label: 'Fired', sortValue: (a) => a.firedAt, render: (a) => <RelativeTime at={a.firedAt} /> },
]
