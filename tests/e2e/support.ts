import { readFileSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { test as base, type ConsoleMessage, expect, type Page } from '@playwright/test'

export type Person = 'Aino Novak' | 'Sofia Lindqvist' | 'Daniel Okafor' | 'Amira Hassan' | 'Tomas Rivera'
export const PASSWORD = 'Gate-keeper-4711'

/** The browser finds fault with a style of the UI library's slider, which works all the same. */
const SLIDER_STYLE = /'slider-vertical' specified to an 'appearance' property/

/** A page whose console stays silent: any error or warning of the browser fails the test. */
export const test = base.extend<{ page: Page }>({
  page: async ({ page }, use) => {
    const noise: string[] = []
    // Leaving a form with changes asks first; the tests mean it.
    page.on('dialog', (dialog) => dialog.accept())
    page.on('pageerror', (error) => noise.push(String(error)))
    page.on('console', (message: ConsoleMessage) => {
      const text = message.text()
      if (['error', 'warning'].includes(message.type()) && !SLIDER_STYLE.test(text))
        noise.push(`${text} (${message.location().url})`)
    })
    await use(page)
    expect(noise).toEqual([])
  },
})

export async function become(page: Page, person: Person): Promise<void> {
  await page.goto('/')
  const switcher = page.getByRole('button', { name: /Switch person/ })
  if ((await switcher.getAttribute('aria-label'))?.includes(person)) return
  await switcher.click()
  await page.getByRole('menuitemradio', { name: new RegExp(person) }).click()
  await expect(page.getByRole('button', { name: new RegExp(`Acting as ${person}`) })).toBeVisible()
}

/** Fills the tab Basics; what is not named keeps its default. */
export async function fillBasics(page: Page, server: { name: string; geoRedundant?: boolean }): Promise<void> {
  await page.goto('/create/postgres')
  // A choice made before the page has come to life is lost: choose until the groups follow.
  await expect(async () => {
    await page.getByRole('combobox', { name: 'Subscription' }).selectOption({ label: 'Contoso Production' })
    await expect(page.getByRole('option', { name: 'rg-data-neu' })).toBeAttached({ timeout: 500 })
  }).toPass()
  await page.getByRole('combobox', { name: 'Resource group' }).selectOption({ label: 'rg-data-neu' })
  await page.getByRole('textbox', { name: 'Server name' }).fill(server.name)
  await page.getByRole('combobox', { name: 'Region' }).selectOption('northeurope')
  await page.getByRole('textbox', { name: 'Administrator login' }).fill('gatekeeper')
  await page.getByRole('textbox', { name: /^Password/ }).fill(PASSWORD)
  await page.getByRole('textbox', { name: /^Confirm password/ }).fill(PASSWORD)
  if (server.geoRedundant) {
    await page.getByRole('button', { name: 'Configure server' }).click()
    await page.getByRole('checkbox', { name: /Geo-redundancy|regional outage/ }).check()
    await page.getByRole('button', { name: 'Save' }).click()
  }
}

export type KeyPick = {
  identity: string
  storeType: 'Key vault' | 'Managed HSM'
  store: string
  key: string
  automatic: boolean
}

/** Chooses identity and key on the tab Security, by the panes. */
export async function chooseKey(page: Page, pick: KeyPick, group: RegExp = /^Server:/): Promise<void> {
  const region = page.getByRole('group', { name: group })
  await region.getByRole('button', { name: 'Change identity' }).click()
  const identities = page.getByRole('dialog', { name: 'Select user assigned managed identity' })
  await identities.getByRole('radio', { name: new RegExp(pick.identity) }).check()
  await identities.getByRole('button', { name: 'Add' }).click()
  await region.getByRole('checkbox', { name: /Use automatic key version update/ }).setChecked(pick.automatic)
  await region.getByRole('button', { name: 'Select a key' }).click()
  const keys = page.getByRole('dialog', { name: 'Select a key' })
  await keys.getByRole('radio', { name: pick.storeType }).check()
  await keys.getByRole('combobox', { name: new RegExp(`^${pick.storeType}`) }).selectOption(pick.store)
  await keys.getByRole('combobox', { name: /^Key\*?$/ }).selectOption(pick.key)
  if (!pick.automatic) await keys.getByRole('combobox', { name: /^Version/ }).selectOption({ index: 1 })
  await keys.getByRole('button', { name: 'Select', exact: true }).click()
}

/** From the tab Review + create to the deployment's end. */
export async function createAndWait(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Review + create' }).click()
  await expect(page.getByText('Validation passed')).toBeVisible()
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.waitForURL(/\/deployments\//)
  await expect(page.getByRole('heading', { name: 'Your deployment is complete' })).toBeVisible({ timeout: 45_000 })
}

/** Presses +1 hour in the top bar and waits until the clock stands there. */
export async function advanceOneHour(page: Page): Promise<void> {
  const before = Date.parse((await control<Clock>('GET', '/clock')).now)
  await page
    .getByRole('banner')
    .getByRole('button', { name: /\d{2}:\d{2}:\d{2}/ })
    .click()
  await page.getByRole('button', { name: '+1 hour' }).click()
  await expect
    .poll(
      async () => {
        const { now, advancingTo } = await control<Clock>('GET', '/clock')
        return advancingTo === null && Date.parse(now) - before >= 3_600_000
      },
      { timeout: 45_000 },
    )
    .toBe(true)
  await page.keyboard.press('Escape')
}

/** Enables or disables the current version of a key on its page. */
export async function setKeyEnabled(page: Page, path: string, enabled: boolean, server?: string): Promise<void> {
  await page.goto(path)
  await page
    .getByRole('button', { name: /^Version [0-9a-f]{8}|^[0-9a-f]{32}/ })
    .first()
    .click()
  const pane = page.getByRole('dialog', { name: /^Version of/ })
  if ((await pane.getByRole('switch', { name: 'Enabled' }).isChecked()) === enabled) return
  await pane.getByRole('switch', { name: 'Enabled' }).setChecked(enabled)
  await pane.getByRole('button', { name: 'Save' }).click()
  if (!enabled) {
    const dialog = page.getByRole('alertdialog').or(page.getByRole('dialog', { name: /^Change this version/ }))
    // Before anything happens the page says which servers would fall.
    if (server) await expect(dialog.getByText(server).first()).toBeVisible()
    await dialog.getByRole('button', { name: 'Save' }).click()
  }
  await expect(pane).toBeHidden()
}

/** Waits until nothing fades or moves any more: half faded in, any colour fails. What turns for ever may go on. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every((a) => a.playState !== 'running' || a.effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY),
  )
}

/** The chart library calls each line of a chart a region of the page. */
const CHART_LINES = 'svg [role="region"]'

/** @param rules only these of axe; all when left out. */
export async function expectNoAxeViolations(page: Page, rules?: string[]): Promise<void> {
  await settle(page)
  const axe = new AxeBuilder({ page }).exclude('[data-tabster-dummy]').exclude(CHART_LINES)
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze()
  const told = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)
  // Soft: the test fails, after it has told of the other pages too.
  expect.soft(told, page.url()).toEqual([])
}

export type Clock = { now: string; rate: number; advancingTo: string | null }

type Automation = Record<string, string>

function automation(): Automation {
  const file = join(process.env.PORTCULLIS_DATA_DIR ?? '.portcullis', 'automation.env')
  return Object.fromEntries(
    [...readFileSync(file, 'utf8').matchAll(/^export (\w+)='(.*)'$/gm)].map((m) => [m[1]!, m[2]!]),
  )
}

/** One HTTPS request to a host of the simulated cloud, whose name leads to this machine. */
function call(
  method: string,
  url: string,
  init: { headers?: Record<string, string>; body?: string },
): Promise<unknown> {
  const { hostname, port, pathname, search } = new URL(url)
  const env = automation()
  const options = {
    host: '127.0.0.1',
    servername: hostname,
    port,
    path: pathname + search,
    method,
    ca: readFileSync(env.NODE_EXTRA_CA_CERTS!),
  }
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { ...options, headers: { host: `${hostname}:${port}`, ...init.headers } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          if ((response.statusCode ?? 500) >= 300) reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`))
          else resolve(text ? JSON.parse(text) : null)
        })
      },
    )
    request.on('error', reject)
    request.end(init.body)
  })
}

/** The simulation's own REST, by the service principal of the seed. */
export async function control<T>(method: string, path: string, body?: object): Promise<T> {
  const env = automation()
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: env.AZURE_CLIENT_ID!,
    client_secret: env.AZURE_CLIENT_SECRET!,
    scope: 'https://management.azure.com/.default',
  })
  const token = (await call('POST', `${env.AZURE_AUTHORITY_HOST}/${env.AZURE_TENANT_ID}/oauth2/v2.0/token`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  })) as { access_token: string }
  const host = new URL(env.PORTCULLIS_ARM_URL!)
  return (await call(method, `https://control.localhost:${host.port}${path}`, {
    headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  })) as T
}
