import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const table = readFileSync('server/surfaces/keyvault/README.md', 'utf8')
const rows = table
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| Operation') && !line.startsWith('| ---'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, rule, state, proof]) => ({ rule: rule!, state: state!, proof: proof ?? '' }))
const green = rows.filter((row) => row.state.startsWith('green'))

it('the parity table has rows', () => {
  expect(green.length).toBeGreaterThan(30)
})

it.each(green)('"$rule" names a test that is there and runs', ({ proof }) => {
  const [, file, name] = /^`(tests\/(?:unit|integration|conformance)\/[^`]+\.test\.ts)`: (.+)$/.exec(proof) ?? []
  expect(file && existsSync(file), proof).toBeTruthy()
  const source = readFileSync(file!, 'utf8')
  expect(source).toContain(`('${name}'`)
  expect(source).not.toMatch(/\b(it|test|describe)\.(skip|only|todo)\b/)
})
