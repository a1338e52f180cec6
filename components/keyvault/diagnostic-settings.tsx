'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { ArrowSyncRegular } from '@fluentui/react-icons/svg/arrow-sync'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { DismissCircleFilled } from '@fluentui/react-icons/svg/dismiss-circle'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText } from '@/components/portal/api'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { EmptyState } from '@/components/ui/states'
import { StatusPill } from '@/components/ui/status-pill'
import { useAction } from '@/components/ui/use-action'
import { removeDiagnosticSetting, testDiagnosticSetting } from '@/server/actions/audit'
import type { SinkView } from '@/server/diagnostics/contract'
import type { DiagnosticsView } from '@/server/queries/diagnostics'
import type { StoreRef } from '@/server/queries/key-stores'
import { AddDiagnosticSetting } from './add-diagnostic-setting'
import { diagnosticsQuery } from './keyvault-query'

const useStyles = makeStyles({
  endpoint: { overflowWrap: 'anywhere' },
  buttons: { whiteSpace: 'nowrap' },
  detail: { color: tokens.colorNeutralForeground3 },
})

/** Where a store's audit records go besides being kept here. */
export function DiagnosticSettings({ store }: { store: StoreRef }) {
  const query = useQuery(diagnosticsQuery(store))
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<SinkView | null>(null)
  const permissions = query.data?.permissions
  return (
    <Section title="Diagnostic settings">
      <SimulatedNote>
        In Azure a diagnostic setting streams these records to a workspace, an event hub or a storage account. Here they
        go to a webhook, a syslog server or an OTLP collector of yours, in the order of their chain.
      </SimulatedNote>
      <CommandBar label="Diagnostic setting commands">
        <Command icon={<AddRegular />} permission={permissions?.write} onClick={() => setAdding(true)}>
          Add diagnostic setting
        </Command>
      </CommandBar>
      <ResourceTable
        label="diagnostic settings"
        rows={query.data?.settings}
        error={errorText(query.error)}
        onRetry={() => void query.refetch()}
        rowId={(sink) => sink.name}
        columns={useColumns(store, permissions, setRemoving)}
        searchText={(sink) => `${sink.name} ${sink.kind} ${sink.endpoint}`}
        empty={<EmptyState title="The records stay here alone" />}
      />
      {adding && <AddDiagnosticSetting store={store} onClose={() => setAdding(false)} />}
      {removing && <RemoveSetting store={store} sink={removing} onClose={() => setRemoving(null)} />}
    </Section>
  )
}

const KINDS: Record<SinkView['kind'], string> = { webhook: 'Webhook', syslog: 'Syslog', otlp: 'OTLP' }

function useColumns(
  store: StoreRef,
  permissions: DiagnosticsView['permissions'] | undefined,
  remove: (sink: SinkView) => void,
): TableColumn<SinkView>[] {
  const styles = useStyles()
  return [
    { id: 'name', label: 'Name', sortValue: (s) => s.name, render: (s) => s.name },
    { id: 'kind', label: 'Kind', render: (s) => KINDS[s.kind] },
    { id: 'endpoint', label: 'Receiver', render: (s) => <span className={styles.endpoint}>{s.endpoint}</span> },
    { id: 'state', label: 'Delivery', render: (s) => <Delivery sink={s} /> },
    {
      id: 'actions',
      label: 'Actions',
      render: (s) => (
        <span className={styles.buttons}>
          <TestButton store={store} sink={s} permission={permissions?.write} />
          <PermissionButton size="small" appearance="subtle" permission={permissions?.remove} onClick={() => remove(s)}>
            Remove
          </PermissionButton>
        </span>
      ),
    },
  ]
}

/** How far the receiver has got, and what its last failure was. */
function Delivery({ sink }: { sink: SinkView }) {
  const styles = useStyles()
  const waiting = sink.waiting === 1 ? '1 record waits' : `${sink.waiting} records wait`
  if (sink.failures > 0)
    return (
      <div>
        <StatusPill tone="danger" icon={<DismissCircleFilled />}>
          Failing
        </StatusPill>
        <div className={styles.detail}>
          {sink.lastError} Tried {sink.failures} {sink.failures === 1 ? 'time' : 'times'}; {waiting} and will be sent.
        </div>
      </div>
    )
  if (sink.testing)
    return (
      <StatusPill tone="neutral" icon={<ArrowSyncRegular />}>
        Testing
      </StatusPill>
    )
  return (
    <StatusPill tone="success" icon={<CheckmarkCircleFilled />}>
      {sink.waiting > 0 ? waiting : `Up to record ${sink.sentIndex}`}
    </StatusPill>
  )
}

function TestButton(props: {
  store: StoreRef
  sink: SinkView
  permission: DiagnosticsView['permissions']['write'] | undefined
}) {
  const { store, sink, permission } = props
  const { run, busy } = useAction(testDiagnosticSetting, {
    progress: `Testing ${sink.name}`,
    success: `A test record is on its way to ${sink.name}; how it ended shows beside it`,
    failure: `${sink.name} could not be tested`,
    invalidate: [['alerts', 'diagnostics']],
  })
  return (
    <PermissionButton
      size="small"
      appearance="subtle"
      permission={permission}
      disabledReason={busy || sink.testing ? 'It is being tested.' : null}
      onClick={() => void run({ ...store, setting: sink.name })}
    >
      Test
    </PermissionButton>
  )
}

function RemoveSetting({ store, sink, onClose }: { store: StoreRef; sink: SinkView; onClose: () => void }) {
  const { run, busy } = useAction(removeDiagnosticSetting, {
    progress: `Removing ${sink.name}`,
    success: `${sink.name} removed`,
    failure: `${sink.name} could not be removed`,
    invalidate: [['alerts', 'diagnostics']],
  })
  return (
    <ConfirmDialog
      open
      danger
      onClose={onClose}
      title={`Stop sending audit records to ${sink.name}?`}
      confirmLabel="Remove"
      busy={busy}
      onConfirm={async () => {
        await run({ ...store, setting: sink.name })
        onClose()
      }}
    >
      {sink.endpoint} gets no further records{sink.waiting > 0 ? `, nor the ${sink.waiting} that wait` : ''}. The log
      itself stays.
    </ConfirmDialog>
  )
}
