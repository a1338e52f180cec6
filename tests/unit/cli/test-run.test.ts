import { describe, expect, it } from 'vitest'
import { findSystemChromium } from '@/server/cli/browser'
import { countPlaywright, countVitest, formatOutcomes } from '@/server/cli/test-report'

describe('the count of a test run', () => {
  it('takes a file that broke outside its tests for one failure', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] },
      { status: 'failed', assertionResults: [{ status: 'passed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ]
    expect(countVitest({ numPassedTests: 3, numFailedTests: 1, testResults })).toEqual({ passed: 3, failed: 3 })
  })

  it('takes an error outside the browser tests for a failure', () => {
    const stats = { expected: 4, unexpected: 1, flaky: 0 }
    expect(countPlaywright({ stats, errors: [{}] })).toEqual({ passed: 4, failed: 2 })
  })

  it('ends with one line that sums up all parts', () => {
    const table = formatOutcomes([
      { part: 'unit', passed: 10, failed: 1, seconds: 2 },
      { part: 'e2e', passed: 5, failed: 0, seconds: 60 },
    ])
    expect(table.split('\n').at(-1)).toBe('15 passed, 1 failed')
  })
})

describe('the browser of the tests', () => {
  it('is the one that CHROMIUM_PATH names, before any other', () => {
    expect(findSystemChromium({ CHROMIUM_PATH: '/opt/chrome', PATH: '/usr/bin' }, () => true)).toBe('/opt/chrome')
  })

  it('is else one on the path, Chromium before Chrome', () => {
    const installed = ['/usr/bin/google-chrome', '/snap/bin/chromium']
    expect(findSystemChromium({ PATH: '/usr/bin:/snap/bin' }, (path) => installed.includes(path))).toBe(
      '/snap/bin/chromium',
    )
  })

  it('is left to Playwright where there is none', () => {
    expect(findSystemChromium({ PATH: '/usr/bin' }, () => false)).toBeUndefined()
  })
})
