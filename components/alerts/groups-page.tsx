'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { PeopleRegular } from '@fluentui/react-icons/svg/people'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '@/components/portal/api'
import { AppLink } from '@/components/ui/app-link'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { tryActionGroup } from '@/server/actions/alerts'
import type { ActionGroupView } from '@/server/alerts/contract'
import { AlertsFrame } from './alerts-frame'
import { alertSettingsQuery } from './alerts-query'
import { GroupPane } from './group-pane'
import { noPlace } from './rule-parts'

/** Who is told of alerts, and how. */
export function GroupsPage() {
  const [params, change] = useUrlState()
  const { data, error, refetch } = useQuery(alertSettingsQuery)
  const group = params.get('group')
  return (
    <AlertsFrame
      title="Action groups"
      subtitle="Webhooks, e-mail and the portal’s inbox"
      commands={
        <CommandBar>
          <Command
            icon={<AddRegular />}
            disabledReason={noPlace(data, 'group')}
            onClick={() => change({ group: 'new' })}
          >
            Create action group
          </Command>
        </CommandBar>
      }
    >
      <ResourceTable
        label="action groups"
        rows={data?.groups}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(g) => g.id}
        columns={COLUMNS}
        searchText={(g) => g.name}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={<PeopleRegular />}
            title="No action groups"
            text="Alerts are only listed until somebody is told."
          />
        }
      />
      {data && group && (
        <GroupPane
          key={group}
          settings={data}
          group={data.groups.find((g) => g.name === group) ?? null}
          onClose={() => change({ group: null })}
        />
      )}
    </AlertsFrame>
  )
}

const countOf = ({ receivers }: ActionGroupView): string =>
  [
    [receivers.webhooks.length, 'webhook'],
    [receivers.emails.length, 'e-mail'],
    [receivers.inboxes.length, 'inbox'],
  ]
    .filter(([n]) => Number(n) > 0)
    .map(([n, what]) => `${n} ${what}`)
    .join(', ') || 'Nobody'

function TestButton({ group }: { group: ActionGroupView }) {
  const { run, busy } = useAction(tryActionGroup, {
    progress: `Testing ${group.name}`,
    success: `A test was sent to ${group.name}: see its delivery log`,
    failure: `${group.name} could not be tested`,
    invalidate: [['alerts']],
  })
  return (
    <PermissionButton
      size="small"
      permission={group.permissions.write}
      disabledReason={busy ? 'It is being sent.' : null}
      onClick={() => void run({ id: group.id })}
    >
      Test
    </PermissionButton>
  )
}

const COLUMNS: TableColumn<ActionGroupView>[] = [
  {
    id: 'name',
    label: 'Name',
    sortValue: (g) => g.name,
    render: (g) => (
      <AppLink href={`?group=${encodeURIComponent(g.name)}`} scroll={false} prefetch={false}>
        {g.name}
      </AppLink>
    ),
  },
  { id: 'short', label: 'Short name', render: (g) => g.shortName, lowPriority: true },
  { id: 'receivers', label: 'Receivers', render: countOf },
  { id: 'enabled', label: 'Status', render: (g) => (g.enabled ? 'Enabled' : 'Disabled') },
  { id: 'test', label: 'Test', render: (g) => <TestButton group={g} /> },
]
