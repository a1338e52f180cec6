import { expect, test } from 'vitest'
import { type Column, filterOptions, type View, visibleRows } from '@/components/ui/table-rows'

type Row = { name: string; state: string; at: number | null }

const rows: Row[] = [
  { name: 'srv-10', state: 'Ready', at: 3 },
  { name: 'srv-2', state: 'Inaccessible', at: null },
  { name: 'srv-1', state: 'Ready', at: 7 },
]
const columns: Column<Row>[] = [
  { id: 'name', sortValue: (r) => r.name },
  { id: 'state', filterValue: (r) => r.state },
  { id: 'at', sortValue: (r) => r.at },
]
const names = (view: Partial<View>) =>
  visibleRows(rows, columns, { search: '', sort: null, order: 'ascending', filters: {}, ...view }, (r) => r.name).map(
    (r) => r.name,
  )

test('numbers within names sort as numbers', () => {
  expect(names({ sort: 'name' })).toEqual(['srv-1', 'srv-2', 'srv-10'])
  expect(names({ sort: 'name', order: 'descending' })).toEqual(['srv-10', 'srv-2', 'srv-1'])
})

test('rows without a value come last in both directions', () => {
  expect(names({ sort: 'at' })).toEqual(['srv-10', 'srv-1', 'srv-2'])
  expect(names({ sort: 'at', order: 'descending' })).toEqual(['srv-1', 'srv-10', 'srv-2'])
})

test('filters and search narrow together; a filter on a column that has none, and a sort on an unknown one, do nothing', () => {
  expect(names({ filters: { state: 'Ready' } })).toEqual(['srv-10', 'srv-1'])
  expect(names({ filters: { state: 'Ready' }, search: ' SRV-10 ' })).toEqual(['srv-10'])
  expect(names({ filters: { name: 'srv-2' }, sort: 'nonsense' })).toEqual(['srv-10', 'srv-2', 'srv-1'])
})

test('sorting leaves the rows it was given as they were', () => {
  names({ sort: 'name' })
  expect(rows[0]!.name).toBe('srv-10')
})

test('a filter offers each value that occurs, once', () => {
  expect(filterOptions(rows, (r) => r.state)).toEqual(['Inaccessible', 'Ready'])
})
