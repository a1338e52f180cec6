import { defineConfig } from '@playwright/test'
import { findSystemChromium } from './server/cli/browser'

/** Set by `npm test`: it picks free ports and a data folder. Without it the tests use, or start, a product on the usual ports. */
const portalPort = process.env.PORTCULLIS_PORTAL_PORT ?? '3000'
const baseURL = `http://localhost:${portalPort}`
const jsonReport = process.env.PORTCULLIS_TEST_REPORT

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'test-results',
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ...(jsonReport ? [['json', { outputFile: jsonReport }] as const] : [])],
  use: {
    baseURL,
    actionTimeout: 20_000,
    navigationTimeout: 40_000,
    viewport: { width: 1440, height: 900 },
    // A toast may come up while colours are judged; without motion it is there at once.
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: findSystemChromium(),
      // The product has hosts under localhost only; the rest keeps the browser from looking for a network.
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: 'node server/cli/start.mjs',
    url: `${baseURL}/api/ready`,
    reuseExistingServer: process.env.PORTCULLIS_PORTAL_PORT === undefined,
    timeout: 15 * 60_000,
    stdout: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 60_000 },
  },
})
