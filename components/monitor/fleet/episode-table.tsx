'use client'
import { useMemo } from 'react'
import { Instant } from '@/components/portal/instant'
import { pathOfResource, paths } from '@/components/portal/paths'
import { instantText, spanText } from '@/components/portal/time-text'
import { AppLink } from '@/components/ui/app-link'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import type { SwimlanesView } from '@/server/monitor/contract/fleet'

type Row = {
  id: string
  atMs: number
  subject: string
  href: string | null
  kind: string
  what: string
  lasted: string
}

const KINDS: Record<SwimlanesView['markers'][number]['kind'], string> = {
  key: 'Key',
  role: 'Role',
  vault: 'Key store',
  identity: 'Identity',
  network: 'Network',
  health: 'Health',
}

/** The chart in words: each change of state and each event, latest first. */
export function EpisodeTable({ view }: { view: SwimlanesView }) {
  const rows = useMemo(() => rowsOf(view), [view])
  return (
    <Section title="In words">
      <ResourceTable
        label="changes and events"
        urlPrefix="e-"
        rows={rows}
        rowId={(r) => r.id}
        columns={COLUMNS}
        searchText={(r) => `${r.subject} ${r.what}`}
        defaultSort={{ column: 'at', order: 'descending' }}
        empty={<EmptyState title="Nothing happened in this span" />}
      />
    </Section>
  )
}

const rowsOf = ({ lanes, markers }: SwimlanesView): Row[] => [
  ...lanes.flatMap(({ server, segments }) =>
    segments.map((s) => ({
      id: `${server} ${s.fromMs} ${s.state}`,
      atMs: s.fromMs,
      subject: server,
      href: paths.server(server),
      kind: s.state,
      what: s.title,
      lasted: spanText(s.toMs - s.fromMs),
    })),
  ),
  ...markers.map((m, i) => ({
    id: `event ${i}`,
    atMs: m.atMs,
    ...subjectOf(m.resourceId),
    kind: KINDS[m.kind],
    what: m.title,
    lasted: '',
  })),
]

/** An assignment or a lock has no name that says anything: what it is on has. */
function subjectOf(resourceId: string): Pick<Row, 'subject' | 'href'> {
  const on = resourceId.replace(/\/providers\/Microsoft\.Authorization\/.*$/i, '')
  return { subject: on.split('/').at(-1) ?? '', href: pathOfResource(on) }
}

const COLUMNS: TableColumn<Row>[] = [
  {
    id: 'at',
    label: 'Since',
    nowrap: true,
    sortValue: (r) => r.atMs,
    render: (r) => <Instant at={new Date(r.atMs).toISOString()} seconds />,
  },
  {
    id: 'subject',
    label: 'Subject',
    sortValue: (r) => r.subject,
    render: (r) => (r.href ? <AppLink href={r.href}>{r.subject}</AppLink> : r.subject),
  },
  { id: 'kind', label: 'State or kind', sortValue: (r) => r.kind, filterValue: (r) => r.kind, render: (r) => r.kind },
  { id: 'what', label: 'What', sortValue: (r) => r.what, render: (r) => r.what },
  {
    id: 'lasted',
    label: 'For',
    nowrap: true,
    lowPriority: true,
    render: (r) => <span title={r.lasted && `from ${instantText(r.atMs)} UTC`}>{r.lasted || '-'}</span>,
  },
]
