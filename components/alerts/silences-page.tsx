'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { AlertOffRegular } from '@fluentui/react-icons/svg/alert-off'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText } from '@/components/portal/api'
import { Instant } from '@/components/portal/instant'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import { removeSilence } from '@/server/actions/alerts'
import type { ProcessingRuleView } from '@/server/alerts/contract'
import { AlertsFrame } from './alerts-frame'
import { alertSettingsQuery } from './alerts-query'
import { DeleteRule, deleteColumn, nameColumn, noPlace, statusColumn } from './rule-parts'
import { SilencePane } from './silence-pane'

const NEW = 'new'

/** The rules that keep action groups silent, e.g. while somebody works on a server; alerts are listed all the same. */
export function SilencesPage() {
  const [params, change] = useUrlState()
  const { data, error, refetch } = useQuery(alertSettingsQuery)
  const [going, setGoing] = useState<ProcessingRuleView | null>(null)
  const rule = params.get('rule')
  return (
    <AlertsFrame
      title="Suppression rules"
      subtitle="Which alerts are listed without telling anybody, and for how long"
      commands={
        <CommandBar>
          <Command
            icon={<AddRegular />}
            disabledReason={noPlace(data, 'silence')}
            onClick={() => change({ rule: NEW })}
          >
            Create suppression rule
          </Command>
        </CommandBar>
      }
    >
      <ResourceTable
        label="suppression rules"
        rows={data?.silences}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(r) => r.id}
        columns={columns(setGoing)}
        searchText={(r) => `${r.name} ${r.description}`}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={<AlertOffRegular />}
            title="No suppression rules"
            text="Every alert tells the action groups of its rule."
          />
        }
      />
      {data && rule && (
        <SilencePane
          key={rule}
          settings={data}
          rule={data.silences.find((r) => r.name === rule) ?? null}
          onClose={() => change({ rule: null })}
        />
      )}
      <DeleteRule kind="suppression rule" rule={going} action={removeSilence} onClose={() => setGoing(null)}>
        Alerts that fire from now on tell their action groups again.
      </DeleteRule>
    </AlertsFrame>
  )
}

const columns = (remove: (rule: ProcessingRuleView) => void): TableColumn<ProcessingRuleView>[] => [
  nameColumn,
  statusColumn,
  {
    id: 'severities',
    label: 'Severities',
    render: (r) => (r.severities.length ? r.severities.map((s) => `Sev${s}`).join(', ') : 'All'),
  },
  { id: 'from', label: 'Begins', render: (r) => (r.startsAt ? <Instant at={r.startsAt} /> : 'At once') },
  { id: 'until', label: 'Ends', render: (r) => (r.endsAt ? <Instant at={r.endsAt} /> : 'Never') },
  deleteColumn(remove),
]
