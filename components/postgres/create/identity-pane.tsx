'use client'
import { Button, Field, Input, makeStyles, SearchBox, Select, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { Pane } from '@/components/ui/pane'
import { PermissionButton } from '@/components/ui/permission-button'
import { Panel } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { createIdentityAction } from '@/server/actions/create-server'
import type { IdentityView } from '@/server/identity/contract'
import { regionDisplayName } from '@/server/kernel/regions'
import { sameId } from '@/server/kernel/resource-id'
import { PickList } from './pick-list'
import { useCreateOptions } from './use-create-options'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
  buttons: { display: 'flex', columnGap: tokens.spacingHorizontalS },
})

export type IdentityPaneProps = {
  /** Region that the identity should be in. */
  region: string
  subscriptionId: string
  resourceGroup: string
  selected: string
  /** The identity that the other key uses. */
  taken: string | null
  onSelect: (identityId: string) => void
  onClose: () => void
}

/** Picks a user-assigned managed identity, or creates one. */
export function IdentityPane(props: IdentityPaneProps) {
  const options = useCreateOptions()
  const [subscriptionId, setSubscriptionId] = useState(props.subscriptionId)
  const [filter, setFilter] = useState('')
  const [picked, setPicked] = useState<string | null>(props.selected || null)
  const [created, setCreated] = useState<IdentityView[]>([])
  const all = [...created, ...options.identities.filter((i) => !created.some((c) => sameId(c.id, i.id)))]
  const wanted = filter.trim().toLowerCase()
  const shown = all
    .filter((i) => i.subscriptionId === subscriptionId)
    .filter((i) => `${i.name} ${i.resourceGroup}`.toLowerCase().includes(wanted))
    .sort((a, b) => Number(b.location === props.region) - Number(a.location === props.region))
  return (
    <Pane
      open
      onClose={props.onClose}
      title="Select user assigned managed identity"
      footer={
        <>
          <Button appearance="primary" disabledFocusable={!picked} onClick={() => picked && props.onSelect(picked)}>
            Add
          </Button>
          <Button onClick={props.onClose}>Cancel</Button>
        </>
      }
    >
      <Field label="Select a subscription" required>
        <Select value={subscriptionId} onChange={(_, data) => setSubscriptionId(data.value)}>
          {options.subscriptions.map((s) => (
            <option key={s.id} value={s.id}>
              {s.name}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="User assigned managed identities">
        <SearchBox
          placeholder="Filter by identity name and/or resource group name"
          value={filter}
          onChange={(_, data) => setFilter(data.value)}
        />
      </Field>
      {shown.length ? (
        <PickList
          label="User assigned managed identities"
          selected={picked}
          onPick={setPicked}
          items={shown.map((i) => ({
            id: i.id,
            title: i.name,
            lines: [`Resource Group: ${i.resourceGroup}`, `Region: ${regionDisplayName(i.location)}`],
            badge: i.location === props.region ? 'Recommended: same region' : undefined,
            disabledReason:
              props.taken && sameId(props.taken, i.id) ? 'In use for the other region: each needs its own.' : null,
          }))}
        />
      ) : (
        <EmptyState title="No identity to show" text="Clear the filter, choose another subscription, or create one." />
      )}
      <NewIdentity
        {...props}
        subscriptionId={subscriptionId}
        onCreated={(identity) => {
          setCreated([identity, ...created])
          setFilter('')
          setPicked(identity.id)
        }}
      />
    </Pane>
  )
}

function NewIdentity(
  props: Pick<IdentityPaneProps, 'region' | 'subscriptionId' | 'resourceGroup'> & {
    onCreated: (identity: IdentityView) => void
  },
) {
  const styles = useStyles()
  const options = useCreateOptions()
  const groups = options.resourceGroups.filter((g) => g.subscriptionId === props.subscriptionId)
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState(props.resourceGroup)
  const [refusal, setRefusal] = useState<string | null>(null)
  const group = groups.find((g) => g.name === chosen) ?? groups[0]
  const { run, busy } = useAction(createIdentityAction, {
    progress: `Creating identity ${name}`,
    success: `Identity ${name} created`,
    failure: `Identity ${name} could not be created`,
    invalidate: [['resources'], ['identity']],
  })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    if (!group || busy) return
    const { subscriptionId, region: location } = props
    const result = await run({ subscriptionId, location, resourceGroup: group.name, name: name.trim() })
    if (!result.ok) return setRefusal(result.message)
    setOpen(false)
    setName('')
    props.onCreated(result.data)
  }
  if (!open) {
    return (
      <div>
        <PermissionButton
          onClick={() => setOpen(true)}
          disabledReason={groups.length ? null : 'There is no resource group in this subscription that you may see.'}
        >
          Create new
        </PermissionButton>
      </div>
    )
  }
  return (
    <Panel>
      <form onSubmit={submit} className={styles.form} aria-label="Create a managed identity">
        <Field label="Name" required validationMessage={refusal ?? undefined} hint="3 to 128 letters, digits, - and _.">
          <Input
            value={name}
            autoComplete="off"
            maxLength={128}
            onChange={(_, data) => {
              setName(data.value)
              setRefusal(null)
            }}
          />
        </Field>
        <Field label="Resource group" required>
          <Select value={group?.name ?? ''} onChange={(_, data) => setChosen(data.value)}>
            {groups.map((g) => (
              <option key={g.id} value={g.name}>
                {g.name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Region">
          <Input value={regionDisplayName(props.region)} readOnly />
        </Field>
        <div className={styles.buttons}>
          <PermissionButton
            type="submit"
            appearance="primary"
            permission={group?.createIdentity}
            disabledReason={name.trim() ? null : 'Give it a name.'}
          >
            Create
          </PermissionButton>
          <Button onClick={() => setOpen(false)}>Cancel</Button>
        </div>
      </form>
    </Panel>
  )
}
