/** What one part of the tests came to. */
export type Outcome = { part: string; passed: number; failed: number; seconds: number }

type VitestReport = {
  numPassedTests: number
  numFailedTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

/** Counts of a Vitest JSON report; a file that failed outside its tests counts as one failure. */
export function countVitest(report: VitestReport): Pick<Outcome, 'passed' | 'failed'> {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + brokenFiles.length }
}

type PlaywrightReport = { stats: { expected: number; unexpected: number; flaky: number }; errors: unknown[] }

/** Counts of a Playwright JSON report; errors outside tests count as one failure each. */
export function countPlaywright({ stats, errors }: PlaywrightReport): Pick<Outcome, 'passed' | 'failed'> {
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length }
}

/** The table of parts; its last line, alone, says `N passed, M failed`. */
export function formatOutcomes(outcomes: Outcome[]): string {
  const row = (part: string, passed: string | number, failed: string | number, seconds: string) =>
    `  ${part.padEnd(12)} ${String(passed).padStart(7)} ${String(failed).padStart(7)} ${seconds.padStart(9)}`
  const rows = outcomes.map((o) => row(o.part, o.passed, o.failed, o.seconds.toFixed(1)))
  const sum = (key: 'passed' | 'failed') => outcomes.reduce((total, o) => total + o[key], 0)
  return [
    row('part', 'passed', 'failed', 'seconds'),
    ...rows,
    '',
    `${sum('passed')} passed, ${sum('failed')} failed`,
  ].join('\n')
}
