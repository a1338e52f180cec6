'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { AlertOffRegular } from '@fluentui/react-icons/svg/alert-off'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText } from '@/components/portal/api'
import { Instant } from '@/components/portal/instant'
import { AppLink } from '@/components/ui/app-link'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { removeSilence } from '@/server/actions/alerts'
import type { ProcessingRuleView } from '@/server/alerts/contract'
import { AlertsFrame } from './alerts-frame'
import { alertSettingsQuery } from './alerts-query'
import { SilencePane } from './silence-pane'

const NEW = 'new'

/** The rules that keep action groups silent, e.g. while somebody works on a server; alerts are listed all the same. */
export function SilencesPage() {
  const [params, change] = useUrlState()
  const { data, error, refetch } = useQuery(alertSettingsQuery)
  const [going, setGoing] = useState<ProcessingRuleView | null>(null)
  const rule = params.get('rule')
  const may = !data || data.resourceGroups.some((g) => g.create.silence.allowed)
  return (
    <AlertsFrame
      title="Suppression rules"
      subtitle="Which alerts are listed without telling anybody, and for how long"
      commands={
        <CommandBar>
          <Command
            icon={<AddRegular />}
            disabledReason={may ? null : 'It takes the role Monitoring Contributor on a resource group.'}
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
      <DeleteSilence rule={going} onClose={() => setGoing(null)} />
    </AlertsFrame>
  )
}

function DeleteSilence({ rule, onClose }: { rule: ProcessingRuleView | null; onClose: () => void }) {
  const { run, busy } = useAction(removeSilence, {
    progress: 'Deleting the suppression rule',
    success: 'The suppression rule was deleted',
    failure: 'The suppression rule was not deleted',
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
      Alerts that fire from now on tell their action groups again.
    </ConfirmDialog>
  )
}

const columns = (remove: (rule: ProcessingRuleView) => void): TableColumn<ProcessingRuleView>[] => [
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
  { id: 'enabled', label: 'Status', render: (r) => (r.enabled ? 'Enabled' : 'Disabled') },
  {
    id: 'severities',
    label: 'Severities',
    render: (r) => (r.severities.length ? r.severities.map((s) => `Sev${s}`).join(', ') : 'All'),
  },
  { id: 'from', label: 'Begins', render: (r) => (r.startsAt ? <Instant at={r.startsAt} /> : 'At once') },
  { id: 'until', label: 'Ends', render: (r) => (r.endsAt ? <Instant at={r.endsAt} /> : 'Never') },
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
