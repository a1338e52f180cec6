'use client'
import { SearchBox } from '@fluentui/react-components'
import { useState } from 'react'
import { PickList } from '@/components/postgres/create/pick-list'
import { EmptyState } from '@/components/ui/states'
import type { DirectoryEntry } from '@/server/identity/service'

const KINDS: Record<DirectoryEntry['kind'], string> = {
  User: 'User',
  Group: 'Group',
  ServicePrincipal: 'Service principal',
  ManagedIdentity: 'Managed identity',
}

const SHOWN = 50

/** Chooses one of everybody and everything in the directory that can hold a right. */
export function PrincipalPicker(props: {
  directory: DirectoryEntry[]
  selected: string | null
  onPick: (objectId: string) => void
}) {
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const found = props.directory.filter((e) =>
    `${e.displayName} ${e.detail} ${e.objectId} ${KINDS[e.kind]}`.toLowerCase().includes(wanted),
  )
  return (
    <>
      <SearchBox
        placeholder="Filter by name, kind or object id"
        aria-label="Filter principals"
        value={filter}
        onChange={(_, data) => setFilter(data.value)}
      />
      {found.length === 0 ? (
        <EmptyState title="Nobody fits" text="Clear the filter to see everyone." />
      ) : (
        <PickList
          label="Users, groups, service principals and managed identities"
          selected={props.selected}
          onPick={props.onPick}
          items={found.slice(0, SHOWN).map((e) => ({
            id: e.objectId,
            title: e.displayName,
            lines: [`${KINDS[e.kind]}${e.detail ? `: ${shortDetail(e.detail)}` : ''}`, `Object id ${e.objectId}`],
          }))}
        />
      )}
      {found.length > SHOWN && <span>{found.length - SHOWN} more: narrow the filter.</span>}
    </>
  )
}

/** A resource id says little more than its group and name. */
const shortDetail = (detail: string): string => {
  const [, group, name] = /\/resourceGroups\/([^/]+)\/.*\/([^/]+)$/i.exec(detail) ?? []
  return group ? `${name} in ${group}` : detail
}
