import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findUnproven, readClaims } from '@/server/cli/witnesses'

const FILE = 'tests/unit/a.test.ts'
const table = (...rows: string[]) => ['| Rule | State | Proven by |', '| --- | --- | --- |', ...rows].join('\n')
const claims = readClaims(table(`| wraps | green | \`${FILE}\`: wraps with %s (%d) |`, '| far | missing | |'))
const report = (...tests: [title: string, status: string][]) => ({
  testResults: [{ name: `/x/${FILE}`, assertionResults: tests.map(([title, status]) => ({ title, status })) }],
})

describe('a green row', () => {
  it('is proven by its test alone, once it has run and passed in every case', () => {
    expect(claims).toEqual([{ rule: 'wraps', file: FILE, name: 'wraps with %s (%d)' }])
    expect(findUnproven(claims, [report(['wraps with RSA (1)', 'passed'], ['wraps with EC (2)', 'passed'])])).toEqual(
      [],
    )
    expect(findUnproven(claims, [])).toEqual([expect.stringContaining('did not run')])
    expect(findUnproven(claims, [report(['unwraps with RSA (1)', 'passed'])])[0]).toContain('did not run')
    expect(findUnproven(claims, [report(['wraps with RSA (1)', 'skipped'])])[0]).toContain('did not pass')
    const mixed = report(['wraps with RSA (1)', 'passed'], ['wraps with EC (2)', 'failed'])
    expect(findUnproven(claims, [mixed])[0]).toContain('did not pass')
  })

  it('that names no test is a mistake', () => {
    expect(() => readClaims(table('| wraps | green | trust us |'))).toThrow('"wraps" names no test')
  })
})

/** What the full run holds to its own reports is foretold here, so that a renamed test is noticed at once. */
describe('the parity table', () => {
  const rows = readClaims(readFileSync('server/surfaces/keyvault/README.md', 'utf8'))

  it.each(rows)('"$rule" names a test that is there and not skipped', ({ file, name }) => {
    expect(existsSync(file), file).toBe(true)
    const source = readFileSync(file, 'utf8').replace(/\(\s+/g, '(')
    expect(source).toContain(`('${name}'`)
    expect(source).not.toMatch(/\b(it|test|describe)\.(skip|only|todo)\b/)
  })
})
