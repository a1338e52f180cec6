'use client'
import { Button, SearchBox } from '@fluentui/react-components'
import { useState } from 'react'
import { Pane } from '@/components/ui/pane'
import { EmptyState } from '@/components/ui/states'
import { PickList } from './pick-list'
import { useWizard } from './wizard-context'

const KINDS: Record<string, string> = { User: 'User', Group: 'Group', ServicePrincipal: 'Service principal' }

/** Picks who becomes Entra administrator. */
export function PrincipalPane(props: {
  selected: string | null
  onSelect: (objectId: string) => void
  onClose: () => void
}) {
  const { options } = useWizard()
  const [picked, setPicked] = useState(props.selected)
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const entries = options.directory.filter((e) => `${e.displayName} ${e.detail}`.toLowerCase().includes(wanted))
  return (
    <Pane
      open
      onClose={props.onClose}
      title="Select a Microsoft Entra administrator"
      footer={
        <>
          <Button appearance="primary" disabledFocusable={!picked} onClick={() => picked && props.onSelect(picked)}>
            Select
          </Button>
          <Button onClick={props.onClose}>Cancel</Button>
        </>
      }
    >
      <SearchBox
        placeholder="Filter by name"
        aria-label="Filter by name"
        value={filter}
        onChange={(_, data) => setFilter(data.value)}
      />
      {entries.length ? (
        <PickList
          label="Users, groups and service principals"
          selected={picked}
          onPick={setPicked}
          items={entries.map((e) => ({
            id: e.objectId,
            title: e.displayName,
            lines: [`${KINDS[e.kind] ?? e.kind}${e.detail ? `: ${e.detail}` : ''}`],
          }))}
        />
      ) : (
        <EmptyState title="Nobody has this name" text="Clear the filter to see everyone." />
      )}
    </Pane>
  )
}
