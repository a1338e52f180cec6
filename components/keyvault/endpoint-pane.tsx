'use client'
import { Input, MessageBar } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { firstPlace } from '@/components/identity/place-draft'
import { ProjectFields } from '@/components/identity/place-fields'
import { createOptionsQuery } from '@/components/postgres/create/create-query'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Loaded } from '@/components/ui/loaded'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { useAction } from '@/components/ui/use-action'
import { createEndpoint } from '@/server/actions/vaults'
import { privateEndpointInput } from '@/server/keyvault/contract'
import type { CreateOptions } from '@/server/queries/create-options'
import type { VaultPage } from '@/server/queries/vaults'

/** Makes a private endpoint to a vault. */
export function EndpointPane({ vault, onClose }: { vault: VaultPage['vault']; onClose: () => void }) {
  const query = useQuery(createOptionsQuery)
  if (query.data) return <Form vault={vault} options={query.data} onClose={onClose} />
  return (
    <Pane open onClose={onClose} title="Create a private endpoint">
      <Loaded query={query} label="subscriptions and resource groups">
        {() => null}
      </Loaded>
    </Pane>
  )
}

function Form(props: { vault: VaultPage['vault']; options: CreateOptions; onClose: () => void }) {
  const { vault, options, onClose } = props
  const [place, setPlace] = useState(() => firstPlace(options))
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [refusal, setRefusal] = useState<string | null>(null)
  const { run, busy } = useAction(createEndpoint, {
    progress: `Creating private endpoint ${name}`,
    success: ({ status }) =>
      status === 'Approved' ? `Private endpoint ${name} is approved` : `Private endpoint ${name} waits for approval`,
    failure: `Private endpoint ${name} could not be created`,
    invalidate: [['keys']],
  })
  const { subscriptionId, resourceGroup } = place
  const endpoint = { name: name.trim(), subscriptionId, resourceGroup, description }
  const parsed = privateEndpointInput.safeParse(endpoint)
  const fault = parsed.success ? null : parsed.error.issues[0]!
  const group = options.resourceGroups.find((g) => g.subscriptionId === subscriptionId && g.name === resourceGroup)
  const save = async () => {
    const result = await run({ id: vault.id, endpoint })
    if (result.ok) onClose()
    else setRefusal(result.message)
  }
  return (
    <Pane
      open
      onClose={onClose}
      title="Create a private endpoint"
      footer={
        <PaneFooter
          permission={group?.createEndpoint}
          disabledReason={busy ? 'It is being created.' : (fault?.message ?? null)}
          onClick={() => void save()}
          onClose={onClose}
        >
          Create
        </PaneFooter>
      }
    >
      {refusal && <MessageBar intent="error">{refusal}</MessageBar>}
      <ProjectFields options={options} place={place} onChange={setPlace} faults={{}} />
      <FieldWithInfo label="Name" required error={name && fault?.path[0] === 'name' ? fault.message : null}>
        <Input value={name} autoComplete="off" onChange={(_, data) => setName(data.value)} />
      </FieldWithInfo>
      <FieldWithInfo label="Request message" hint="For whoever approves the connection.">
        <Input value={description} maxLength={140} onChange={(_, data) => setDescription(data.value)} />
      </FieldWithInfo>
    </Pane>
  )
}
