'use client'
import { Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { ChevronLeftRegular } from '@fluentui/react-icons/svg/chevron-left'
import { ChevronRightRegular } from '@fluentui/react-icons/svg/chevron-right'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { errorText, getJson } from '@/components/portal/api'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { EmptyState, ErrorState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import type { SealedPageView, SealedTablesView } from '@/server/postgres/contract'
import { ServerFrame } from '../server/server-frame'
import { PageView } from './page-view'
import { WordSearch } from './word-search'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXL, minWidth: 0 },
  choice: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  field: { minWidth: '180px' },
  table: { minWidth: '260px', flexGrow: 1, maxWidth: '460px' },
  number: { width: '110px', '& input': { minWidth: 0, width: '100%' } },
})

const path = (name: string, part: string, query: Record<string, string>) =>
  `servers/${encodeURIComponent(name)}/sealed/${part}?${new URLSearchParams(query)}`

/** What is on the disk, shown beside what it holds. */
export function SealedPage({ name }: { name: string }) {
  const styles = useStyles()
  return (
    <ServerFrame name={name}>
      {({ server }) => (
        <div className={styles.root}>
          {server.permissions.resetPassword.allowed || server.state !== 'Ready' ? (
            <>
              <OnePage name={name} />
              <WordSearch name={name} />
            </>
          ) : (
            <EmptyState title="You may not read the data" text={server.permissions.resetPassword.reason} />
          )}
        </div>
      )}
    </ServerFrame>
  )
}

function OnePage({ name }: { name: string }) {
  const [params, change] = useUrlState()
  const database = params.get('database') || 'postgres'
  const tables = useQuery({
    queryKey: ['sealed', name, 'tables', database],
    queryFn: ({ signal }) => getJson<SealedTablesView>(path(name, 'tables', { database }), signal),
    retry: false,
  })
  const file = params.get('file') || tables.data?.tables[0]?.file || ''
  const number = Math.max(0, Math.trunc(Number(params.get('page') ?? 0)) || 0)
  const page = useQuery({
    queryKey: ['sealed', name, 'page', file, number],
    queryFn: ({ signal }) => getJson<SealedPageView>(path(name, 'page', { file, page: String(number) }), signal),
    enabled: file !== '',
    retry: false,
    placeholderData: keepPreviousData,
  })
  return (
    <Section title="One page of a table">
      <Choice
        tables={tables.data}
        database={database}
        file={file}
        number={number}
        pages={page.data?.pages ?? 0}
        change={change}
      />
      {tables.error && <ErrorState message={errorText(tables.error) ?? ''} onRetry={() => void tables.refetch()} />}
      {file && (
        <Loaded query={page} label="page">
          {(view) => <PageView page={view} />}
        </Loaded>
      )}
    </Section>
  )
}

function Choice(props: {
  tables: SealedTablesView | undefined
  database: string
  file: string
  number: number
  pages: number
  change: (patch: Record<string, string | null>) => void
}) {
  const styles = useStyles()
  const { tables, database, file, number, pages, change } = props
  const databases = tables?.databases ?? []
  const known = tables?.tables ?? []
  const turn = (to: number) => change({ file, page: String(to) })
  return (
    <div className={styles.choice}>
      <Field label="Database" className={styles.field}>
        <Select value={database} onChange={(_, data) => change({ database: data.value, file: null, page: null })}>
          {(databases.includes(database) ? databases : [database, ...databases]).map((d) => (
            <option key={d}>{d}</option>
          ))}
        </Select>
      </Field>
      <Field label="Table" className={styles.table}>
        <Select value={file} onChange={(_, data) => change({ file: data.value, page: null })}>
          {!known.some((t) => t.file === file) && <option value={file}>{file || 'No table yet'}</option>}
          {[false, true].map((system) => (
            <optgroup key={String(system)} label={system ? 'PostgreSQL’s own' : 'Yours'}>
              {known
                .filter((t) => t.system === system)
                .map((t) => (
                  <option key={t.file} value={t.file}>
                    {t.name} ({Math.ceil(t.sizeBytes / 8192)} pages)
                  </option>
                ))}
            </optgroup>
          ))}
        </Select>
      </Field>
      <Field label="Page" className={styles.number}>
        <Input
          type="number"
          min={1}
          value={String(number + 1)}
          onChange={(_, data) => turn(Math.max(0, Number(data.value) - 1))}
        />
      </Field>
      <PermissionButton
        icon={<ChevronLeftRegular />}
        disabledReason={number === 0 ? 'This is the first page.' : null}
        onClick={() => turn(number - 1)}
      >
        Previous
      </PermissionButton>
      <PermissionButton
        icon={<ChevronRightRegular />}
        disabledReason={number + 1 >= pages ? 'This is the last page.' : null}
        onClick={() => turn(number + 1)}
      >
        Next
      </PermissionButton>
    </div>
  )
}
