import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installDebianPackage, run } from './system-packages'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** A Chromium of this machine: `CHROMIUM_PATH`, else what is installed; undefined when Playwright's own is to be used. */
export function findSystemChromium(
  env: Record<string, string | undefined> = process.env,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean)
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...candidates, ...MAC].find(exists)
}

/** Sees to it that the browser tests find a browser, and installs one where there is none. */
export async function ensureBrowser(): Promise<void> {
  if (findSystemChromium()) return
  const { chromium } = await import('@playwright/test')
  if (existsSync(chromium.executablePath())) return
  console.log('Installing a browser for the tests...')
  if (installDebianPackage('chromium') && findSystemChromium()) return
  if (!run(process.execPath, ['node_modules/@playwright/test/cli.js', 'install', 'chromium'])) {
    throw new Error('No browser could be installed. Install Chromium, or set CHROMIUM_PATH to one.')
  }
}
