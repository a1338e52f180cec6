'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { DismissCircleFilled } from '@fluentui/react-icons/svg/dismiss-circle'
import { HourglassHalfFilled } from '@fluentui/react-icons/svg/hourglass-half'
import { type ReactNode, useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { EmptyState } from '@/components/ui/states'
import { StatusPill } from '@/components/ui/status-pill'
import { useAction } from '@/components/ui/use-action'
import { decideEndpoint, removeEndpoint } from '@/server/actions/vaults'
import type { PrivateEndpointView } from '@/server/keyvault/contract'
import type { VaultPage } from '@/server/queries/vaults'
import { EndpointPane } from './endpoint-pane'

type Asking = { endpoint: PrivateEndpointView; what: 'Approved' | 'Rejected' | 'Remove' }

/** Private endpoints of a vault: who may come past its firewall by a private road. */
export function PrivateEndpoints({ page }: { page: VaultPage }) {
  const { vault, endpoints, permissions } = page
  const [adding, setAdding] = useState(false)
  const [asking, setAsking] = useState<Asking | null>(null)
  return (
    <Section title="Private endpoint connections">
      <CommandBar label="Private endpoint commands">
        <Command icon={<AddRegular />} onClick={() => setAdding(true)}>
          Create a private endpoint
        </Command>
      </CommandBar>
      <ResourceTable
        label="private endpoint connections"
        urlPrefix="e."
        rows={endpoints}
        rowId={(e) => e.name}
        columns={columns(permissions, setAsking)}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            title="No private endpoint connections"
            text="An approved private endpoint gets in whatever the firewall says. Servers need none: they come as a trusted Microsoft service."
          />
        }
      />
      <SimulatedNote>
        The endpoint is an object without a network: a request says by itself, with the endpoint’s resource id in the
        header x-portcullis-private-endpoint, that it comes by it. This portal comes by none.
      </SimulatedNote>
      {adding && <EndpointPane vault={vault} onClose={() => setAdding(false)} />}
      {asking && <Decision vaultId={vault.id} asking={asking} onClose={() => setAsking(null)} />}
    </Section>
  )
}

const STATUS_LOOKS: Record<PrivateEndpointView['status'], ReactNode> = {
  Approved: (
    <StatusPill tone="success" icon={<CheckmarkCircleFilled />}>
      Approved
    </StatusPill>
  ),
  Pending: (
    <StatusPill tone="warning" icon={<HourglassHalfFilled />}>
      Pending
    </StatusPill>
  ),
  Rejected: (
    <StatusPill tone="danger" icon={<DismissCircleFilled />}>
      Rejected
    </StatusPill>
  ),
}

function columns(
  permissions: VaultPage['permissions'],
  ask: (asking: Asking) => void,
): TableColumn<PrivateEndpointView>[] {
  const decide = (endpoint: PrivateEndpointView, what: 'Approved' | 'Rejected', label: string) => (
    <PermissionButton
      size="small"
      appearance="subtle"
      permission={permissions.approveEndpoint}
      disabledReason={endpoint.status === what ? `It is ${what.toLowerCase()} already.` : null}
      onClick={() => ask({ endpoint, what })}
    >
      {label}
    </PermissionButton>
  )
  return [
    { id: 'name', label: 'Connection name', sortValue: (e) => e.name, render: (e) => e.name },
    {
      id: 'status',
      label: 'Connection state',
      sortValue: (e) => e.status,
      filterValue: (e) => e.status,
      render: (e) => STATUS_LOOKS[e.status],
    },
    {
      id: 'endpoint',
      label: 'Private endpoint',
      render: (e) => <span title={e.privateEndpointId}>{e.privateEndpointId.split('/').at(-1)}</span>,
    },
    { id: 'description', label: 'Description', render: (e) => e.description },
    {
      id: 'created',
      label: 'Created',
      lowPriority: true,
      sortValue: (e) => e.createdAt,
      render: (e) => <Instant at={e.createdAt} />,
    },
    {
      id: 'actions',
      label: 'Actions',
      render: (e) => (
        <>
          {decide(e, 'Approved', 'Approve')}
          {decide(e, 'Rejected', 'Reject')}
          <PermissionButton
            size="small"
            appearance="subtle"
            permission={permissions.removeEndpoint}
            onClick={() => ask({ endpoint: e, what: 'Remove' })}
          >
            Remove
          </PermissionButton>
        </>
      ),
    },
  ]
}

const VERBS = { Approved: 'Approve', Rejected: 'Reject', Remove: 'Remove' } as const
const CONSEQUENCES = {
  Approved: 'Whoever comes by this endpoint gets past the firewall of the vault. Rights on keys are asked as before.',
  Rejected: 'Whoever comes by this endpoint is refused, whatever the firewall says.',
  Remove: 'Whoever comes by this endpoint is refused. The connection cannot be brought back, only made anew.',
} as const

function Decision({ vaultId, asking, onClose }: { vaultId: string; asking: Asking; onClose: () => void }) {
  const { endpoint, what } = asking
  const words = {
    progress: `${VERBS[what]} connection ${endpoint.name}`,
    success: `Connection ${endpoint.name}: ${what === 'Remove' ? 'removed' : what.toLowerCase()}`,
    failure: `Connection ${endpoint.name} was not changed`,
    invalidate: [['keys']],
  }
  const decide = useAction(decideEndpoint, words)
  const remove = useAction(removeEndpoint, words)
  const confirm = async () => {
    const target = { id: vaultId, name: endpoint.name }
    if (what === 'Remove') await remove.run(target)
    else await decide.run({ ...target, decision: { status: what, description: endpoint.description } })
    onClose()
  }
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`${VERBS[what]} the connection ${endpoint.name}?`}
      confirmLabel={VERBS[what]}
      danger={what !== 'Approved'}
      busy={decide.busy || remove.busy}
      onConfirm={() => void confirm()}
    >
      <span>{CONSEQUENCES[what]}</span>
      {what !== 'Approved' && <span>No server loses its key by this: servers do not come by private endpoints.</span>}
    </ConfirmDialog>
  )
}
