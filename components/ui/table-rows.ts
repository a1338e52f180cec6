export type SortOrder = 'ascending' | 'descending'

/** What of a column decides order and filters; the table itself draws it. */
export type Column<T> = {
  id: string
  /** Sorts by this value; a column without it cannot be sorted. Null comes last. */
  sortValue?: (row: T) => string | number | null
  /** Makes the column a filter in the address under its id. */
  filterValue?: (row: T) => string
}

export type View = {
  /** Text that the row must contain. */
  search: string
  sort: string | null
  order: SortOrder
  /** Column id to wanted value. */
  filters: Record<string, string>
}

/** The rows that a view shows, in its order. Rows that compare equal keep theirs. */
export function visibleRows<T>(rows: T[], columns: Column<T>[], view: View, searchText: (row: T) => string): T[] {
  const needle = view.search.trim().toLowerCase()
  const wanted = columns.filter((c) => c.filterValue && view.filters[c.id])
  const shown = rows.filter(
    (row) =>
      (!needle || searchText(row).toLowerCase().includes(needle)) &&
      wanted.every((c) => c.filterValue!(row) === view.filters[c.id]),
  )
  const value = columns.find((c) => c.id === view.sort)?.sortValue
  if (!value) return shown
  const sign = view.order === 'descending' ? -1 : 1
  return [...shown].sort((a, b) => compare(value(a), value(b), sign))
}

const ORDER = new Intl.Collator('en', { numeric: true })

function compare(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
  return sign * ORDER.compare(String(a), String(b))
}

/** The values that a filter offers: those that occur, in order. */
export const filterOptions = <T>(rows: T[], value: (row: T) => string): string[] =>
  [...new Set(rows.map(value))].filter(Boolean).sort((a, b) => a.localeCompare(b, 'en'))
