'use client'
import {
  Button,
  makeStyles,
  mergeClasses,
  SearchBox,
  Select,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components'
import { type ReactNode, useId, useState } from 'react'
import { EmptyState, ErrorState, PageSkeleton } from './states'
import { type Column, filterOptions, type SortOrder, type View, visibleRows } from './table-rows'
import { useUrlState } from './use-url-state'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, minWidth: 0 },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  search: { minWidth: '180px', maxWidth: '280px', flexGrow: 1 },
  filter: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  count: { marginLeft: 'auto', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  // The table scrolls within its own frame; the page never scrolls sideways.
  frame: {
    overflowX: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  table: { tableLayout: 'auto', minWidth: '100%' },
  head: {
    backgroundColor: tokens.colorNeutralBackground2,
    whiteSpace: 'nowrap',
    fontWeight: tokens.fontWeightSemibold,
  },
  cell: { height: '36px', paddingTop: '4px', paddingBottom: '4px', verticalAlign: 'middle' },
  nowrap: { whiteSpace: 'nowrap' },
  low: { '@media (max-width: 720px)': { display: 'none' } },
  clickable: { cursor: 'pointer' },
  padded: { padding: tokens.spacingHorizontalL },
})

export type TableColumn<T> = Column<T> & {
  label: string
  render: (row: T) => ReactNode
  /** Keeps the cell on one line. */
  nowrap?: boolean
  /** Any CSS width. */
  width?: string
  /** Hidden below 720 px: say the rest elsewhere. */
  lowPriority?: boolean
  /** Filters only: there is no such column in the table. */
  filterOnly?: boolean
  /** How a filter value is shown; the value itself by default. */
  filterLabel?: (value: string) => string
}

export type ResourceTableProps<T> = {
  /** Names the table for screen readers. */
  label: string
  /** Undefined while loading for the first time. */
  rows: T[] | undefined
  columns: TableColumn<T>[]
  rowId: (row: T) => string
  /** What the search box looks in; without it there is no search box. */
  searchText?: (row: T) => string
  defaultSort?: { column: string; order?: SortOrder }
  /** Shown when there are no rows at all (not when filters hide them). */
  empty: ReactNode
  /** Message of a failed load. */
  error?: string | null
  onRetry?: () => void
  /** Mouse shortcut for the row; the same must be reachable by a link or button in a cell. */
  onRowClick?: (row: T) => void
  /** Extra controls beside the filters. */
  tools?: ReactNode
  /** Keeps the controls when there are no rows: for controls that ask the server for others. */
  alwaysTools?: boolean
  /** Prefix of the names in the address when a page has two tables. */
  urlPrefix?: string
}

/** More of them at once would make a page of thousands slow; the filters find the rest. */
const ROWS_AT_ONCE = 100

/** A table with search, filters and sorting, all kept in the address. */
export function ResourceTable<T>(props: ResourceTableProps<T>) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const { rows, columns, urlPrefix = '' } = props
  const view = readView(params, columns, props.defaultSort, urlPrefix)
  const [limit, setLimit] = useState(ROWS_AT_ONCE)
  if (props.error && !rows) return <ErrorState message={props.error} onRetry={props.onRetry} />
  if (!rows) return <PageSkeleton label={`Loading ${props.label}`} />
  if (rows.length === 0) {
    return (
      <div className={styles.root}>
        {props.alwaysTools && <div className={styles.tools}>{props.tools}</div>}
        <div className={styles.frame}>{props.empty}</div>
      </div>
    )
  }

  const shown = visibleRows(rows, columns, view, props.searchText ?? (() => ''))
  const drawn = columns.filter((c) => !c.filterOnly)
  const narrowed = shown.length < rows.length
  return (
    <div className={styles.root}>
      <div className={styles.tools}>
        {props.searchText && (
          <SearchBox
            className={styles.search}
            placeholder="Filter by text"
            aria-label={`Filter ${props.label} by text`}
            value={view.search}
            onChange={(_, data) => change({ [`${urlPrefix}q`]: data.value })}
          />
        )}
        {columns.map((column) =>
          column.filterValue ? (
            <ColumnFilter
              key={column.id}
              column={column}
              rows={rows}
              value={view.filters[column.id] ?? ''}
              onChange={(value) => change({ [urlPrefix + column.id]: value })}
            />
          ) : null,
        )}
        {props.tools}
        <span className={styles.count} role="status">
          {narrowed ? `${shown.length} of ${rows.length}` : `${rows.length}`} {rows.length === 1 ? 'item' : 'items'}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard. */}
      <section className={styles.frame} aria-label={`Table of ${props.label}`} tabIndex={0}>
        <Table className={styles.table} aria-label={props.label} size="small" sortable>
          <TableHeader>
            <TableRow>
              {drawn.map((column) => (
                <TableHeaderCell
                  key={column.id}
                  className={mergeClasses(styles.head, column.lowPriority && styles.low)}
                  style={{ width: column.width }}
                  sortable={!!column.sortValue}
                  sortDirection={view.sort === column.id ? view.order : undefined}
                  onClick={column.sortValue ? () => change(nextSort(view, column.id, urlPrefix)) : undefined}
                >
                  {column.label}
                </TableHeaderCell>
              ))}
            </TableRow>
          </TableHeader>
          <TableBody>
            {shown.slice(0, limit).map((row) => (
              <TableRow
                key={props.rowId(row)}
                className={props.onRowClick && styles.clickable}
                onClick={props.onRowClick && (() => props.onRowClick!(row))}
              >
                {drawn.map((column) => (
                  <TableCell
                    key={column.id}
                    className={mergeClasses(
                      styles.cell,
                      column.nowrap && styles.nowrap,
                      column.lowPriority && styles.low,
                    )}
                  >
                    {column.render(row)}
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
        {shown.length > limit && (
          <Button appearance="subtle" onClick={() => setLimit(limit + ROWS_AT_ONCE)}>
            Show {Math.min(ROWS_AT_ONCE, shown.length - limit)} more of {shown.length - limit}
          </Button>
        )}
        {shown.length === 0 && <EmptyState title="Nothing matches the filters" text="Clear a filter to see more." />}
      </section>
    </div>
  )
}

function ColumnFilter<T>(props: {
  column: TableColumn<T>
  rows: T[]
  value: string
  onChange: (value: string) => void
}) {
  const styles = useStyles()
  const id = useId()
  const { column, value } = props
  const options = filterOptions(props.rows, column.filterValue!)
  // A link may name a value that no row has any more: show it, so that it can be cleared.
  if (value && !options.includes(value)) options.push(value)
  return (
    <div className={styles.filter}>
      <label htmlFor={id}>{column.label}</label>
      <Select id={id} size="small" value={value} onChange={(_, data) => props.onChange(data.value)}>
        <option value="">All</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {column.filterLabel?.(option) ?? option}
          </option>
        ))}
      </Select>
    </div>
  )
}

function readView<T>(
  params: URLSearchParams,
  columns: TableColumn<T>[],
  defaultSort: ResourceTableProps<T>['defaultSort'],
  prefix: string,
): View {
  const filters: View['filters'] = {}
  for (const column of columns) {
    const wanted = column.filterValue && params.get(prefix + column.id)
    if (wanted) filters[column.id] = wanted
  }
  const sort = params.get(`${prefix}sort`)
  if (sort) {
    const order = params.get(`${prefix}order`) === 'desc' ? 'descending' : 'ascending'
    return { search: params.get(`${prefix}q`) ?? '', sort, order, filters }
  }
  return {
    search: params.get(`${prefix}q`) ?? '',
    sort: defaultSort?.column ?? null,
    order: defaultSort?.order ?? 'ascending',
    filters,
  }
}

const nextSort = (view: View, id: string, prefix: string) => ({
  [`${prefix}sort`]: id,
  [`${prefix}order`]: view.sort === id && view.order === 'ascending' ? 'desc' : 'asc',
})
