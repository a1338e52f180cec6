import { describe, expect, test } from 'vitest'
import {
  type Draft,
  draftedValue,
  faultsOf,
  isShown,
  toChanges,
  withValue,
} from '@/components/postgres/parameters/parameter-draft'
import type { SettingRow } from '@/server/dataplane/service'
import { canonicalValue, type ParameterView, parameterProblem } from '@/server/postgres/contract'
import { parameterView } from '@/server/postgres/parameters'

const row = (more: Partial<SettingRow>): SettingRow => ({
  name: 'work_mem',
  value: '4096',
  defaultValue: '4096',
  unit: 'kB',
  category: 'Resource Usage / Memory',
  description: '',
  context: 'user',
  vartype: 'integer',
  minVal: '64',
  maxVal: '2147483647',
  enumVals: null,
  modified: false,
  pinned: false,
  pendingRestart: false,
  ...more,
})
const plain = { minVal: null, maxVal: null, unit: null }
const memory = parameterView(row({}))
const flag = parameterView(row({ ...plain, name: 'autovacuum', vartype: 'bool', value: 'on', defaultValue: 'on' }))
const level = parameterView(
  row({
    ...plain,
    name: 'wal_level',
    vartype: 'enum',
    enumVals: ['minimal', 'replica', 'logical'],
    value: 'replica',
    context: 'postmaster',
  }),
)
const factor = parameterView(
  row({ name: 'geqo_seed', vartype: 'real', unit: null, minVal: '0', maxVal: '1', value: '0' }),
)

describe('a value', () => {
  test.each<[ParameterView, string, string | null]>([
    [memory, '64', null],
    [memory, '63', 'Give a number from 64 to 2147483647, in units of kB.'],
    [memory, '2147483648', 'Give a number from 64 to 2147483647, in units of kB.'],
    [memory, '4MB', 'Give a whole number from 64 to 2147483647, in units of kB.'],
    [memory, '', 'Give a whole number from 64 to 2147483647, in units of kB.'],
    [factor, '0.5', null],
    [factor, '1.01', 'Give a number from 0 to 1.'],
    [factor, 'Infinity', 'Give a number from 0 to 1.'],
    [flag, 'TRUE', null],
    [flag, 'maybe', 'Give on or off.'],
    [level, 'Logical', null],
    [level, 'minimal', 'Give one of replica, logical.'],
  ])('of $name is judged as PostgreSQL would: %#', (parameter, value, problem) => {
    expect(parameterProblem(parameter, value)).toBe(problem)
  })

  test('is written as PostgreSQL writes it', () => {
    expect([canonicalValue(flag, 'YES'), canonicalValue(flag, '0'), canonicalValue(level, 'LOGICAL')]).toEqual([
      'on',
      'off',
      'logical',
    ])
    expect([canonicalValue(memory, ' 64 '), canonicalValue({ ...memory, type: 'String' }, ' a ')]).toEqual([
      '64',
      ' a ',
    ])
  })
})

describe('read-only is', () => {
  test.each<[string, Partial<SettingRow>, RegExp]>([
    ['what is given on the command line', { name: 'fsync', pinned: true }, /pins it/],
    ['what is fixed for good', { name: 'block_size', context: 'internal' }, /fixes it/],
    ['what names files, programs or libraries', { name: 'dynamic_library_path' }, /files, programs or libraries/],
    ['what is for developers', { name: 'post_auth_delay', category: 'Developer Options' }, /developers/],
    ['what would keep the service out', { name: 'superuser_reserved_connections' }, /own access/],
  ])('%s', (_, more, reason) => {
    expect(parameterView(row(more)).readOnlyReason).toMatch(reason)
  })

  test('nothing else', () => expect(memory.readOnlyReason).toBeNull())
})

describe('the page’s draft', () => {
  test('counts only what differs from the server, and sends null for a default', () => {
    const set = { ...memory, value: '8192', source: 'user-override' as const }
    let draft: Draft = withValue({}, set, '9000')
    expect([draftedValue(set, draft), toChanges(draft)]).toEqual(['9000', [{ name: 'work_mem', value: '9000' }]])
    expect(withValue(draft, set, '8192')).toEqual({})
    draft = withValue(draft, set, null)
    expect([draftedValue(set, draft), toChanges(draft)]).toEqual(['4096', [{ name: 'work_mem', value: null }]])
    expect(withValue(draft, memory, null)).toEqual({})
    expect(faultsOf([set, flag], { work_mem: '1', autovacuum: 'off' })).toEqual({
      work_mem: 'Give a number from 64 to 2147483647, in units of kB.',
    })
  })

  test('shows static and dynamic ones that can be changed, and read-only ones by themselves', () => {
    const pinned = parameterView(row({ pinned: true }))
    expect([memory, level, pinned].map((p) => isShown(p, 'Dynamic'))).toEqual([true, false, false])
    expect([memory, level, pinned].map((p) => isShown(p, 'Static'))).toEqual([false, true, false])
    expect([memory, level, pinned].map((p) => isShown(p, 'Read-only'))).toEqual([false, false, true])
  })
})
