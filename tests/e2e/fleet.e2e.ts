import { readFileSync } from 'node:fs'
import { expect, type Page } from '@playwright/test'
import type { SwimlanesView } from '../../server/monitor/contract/fleet'
import { become, control, expectNoAxeViolations, setKeyEnabled, test } from './support'

const VIEWS: [view: string, seen: (page: Page) => Promise<void>][] = [
  ['table', async (page) => expect(page.getByRole('link', { name: 'contoso-archive', exact: true })).toBeVisible()],
  [
    'table&why=contoso-archive',
    async (page) => expect(page.getByRole('button', { name: 'Enable the key version' })).toBeVisible(),
  ],
  ['table&pane=checks', async (page) => expect(page.getByRole('radio', { name: 'At once' }).first()).toBeVisible()],
  ['grid', async (page) => expect(page.getByRole('listbox', { name: /Fleet grid/ })).toBeVisible()],
  ['timeline', async (page) => expect(page.getByText('Key events')).toBeVisible()],
  ['expiry', async (page) => expect(page.getByRole('heading', { name: 'Keys and versions' })).toBeVisible()],
  ['chain', async (page) => expect(page.getByRole('list', { name: /Chain from server/ })).toBeVisible()],
  ['impact', async (page) => expect(page.getByText('Choose what would go')).toBeVisible()],
]

test('each view of the fleet shows itself without accessibility violation, in the light and the dark theme', async ({
  page,
}) => {
  test.setTimeout(240_000)
  await become(page, 'Aino Novak')
  for (const theme of ['Dark', 'Light'] as const) {
    await page.goto('/')
    await page.getByRole('banner').getByRole('button', { name: /theme/i }).click()
    await page.getByRole('menuitemradio', { name: theme }).click()
    for (const [view, seen] of VIEWS) {
      await page.goto(`/fleet?view=${view}`)
      await seen(page)
      await page.screenshot({
        path: `test-results/pages/fleet-${view.replace(/\W/g, '-')}-${theme.toLowerCase()}.png`,
        fullPage: true,
      })
      await expectNoAxeViolations(page, theme === 'Dark' ? ['color-contrast'] : undefined)
    }
  }
  await page.goto('/fleet?view=grid&wall=1')
  await expect(page.getByRole('listbox', { name: /Fleet grid/ })).toBeVisible()
  await expect(page.getByRole('banner')).toHaveCount(0)
  await page.screenshot({ path: 'test-results/pages/fleet-wall.png' })
  await expectNoAxeViolations(page)
})

test('the grid is walked by arrow keys and Enter opens the server that was read out', async ({ page }) => {
  await become(page, 'Aino Novak')
  await page.goto('/fleet?view=grid&group=none')
  const grid = page.getByRole('listbox', { name: /Fleet grid/ })
  const option = grid.getByRole('option')
  await grid.focus()
  // What needs somebody comes first.
  await expect(option).toContainText('Inaccessible')
  const first = await option.textContent()
  await page.keyboard.press('ArrowRight')
  await expect(option).not.toHaveText(first!)
  const name = (await option.textContent())!.split(',')[0]!
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name, exact: true })).toBeVisible()
})

test('the timeline tells when a server fell, and time travel shows it as it was before', async ({ page }) => {
  await become(page, 'Aino Novak')
  const answer = await page.request.get('/api/portal/fleet/swimlanes?hours=2000&server=contoso-archive')
  const { segments } = ((await answer.json()) as SwimlanesView).lanes[0]!
  const fell = segments.findIndex((s) => s.state === 'Inaccessible')
  expect(fell).toBeGreaterThan(0)
  await page.goto('/fleet?view=timeline&hours=8760&server=contoso-archive')
  await expect(page.getByRole('row', { name: /contoso-archive.*Inaccessible/ }).first()).toBeVisible()

  await page.goto(`/fleet?view=grid&q=contoso-archive&at=${segments[fell]!.fromMs - 1}`)
  await expect(page.getByText(/The fleet as it was on/)).toBeVisible()
  const option = page.getByRole('listbox', { name: /Fleet grid/ }).getByRole('option')
  await expect(option).toContainText(`contoso-archive, ${segments[fell - 1]!.state}`)
  await page.getByRole('button', { name: 'Back to now' }).click()
  await expect(option).toContainText('contoso-archive, Inaccessible')
})

test('the blast radius of a vault names the servers that would fall, and the grid marks them', async ({ page }) => {
  await become(page, 'Aino Novak')
  await page.goto('/fleet?view=impact&change=store&store=contoso-kv-neu')
  await expect(page.getByText(/servers? becomes? Inaccessible/)).toBeVisible()
  await expect(page.getByText('contoso-orders').first()).toBeVisible()
  const grid = page.getByRole('listbox', { name: /would fall/ })
  await grid.focus()
  await expect(grid.getByRole('option')).toContainText('Would fall')
})

test('from the table a fallen server is mended, checked at once and Ready; it falls at once where that is wanted', async ({
  page,
}) => {
  test.setTimeout(180_000)
  await become(page, 'Aino Novak')
  await page.goto('/fleet')
  const row = page.getByRole('row').filter({ hasText: 'contoso-archive' })
  await expect(row).toContainText('Inaccessible')
  await row.getByRole('button', { name: 'The key version is disabled' }).click()
  const pane = page.getByRole('dialog', { name: /^Why contoso-archive/ })
  await expect(pane.getByText('sofia@contoso.example')).toBeVisible()
  await pane.getByRole('button', { name: 'Enable the key version' }).click()
  const confirm = page.getByRole('dialog', { name: 'Enable the key version' }).or(page.getByRole('alertdialog'))
  await confirm.getByRole('button', { name: 'Enable the key version' }).click()
  await expect(confirm).toBeHidden()
  await pane.getByRole('button', { name: 'Close', exact: true }).last().click()
  await page.getByRole('button', { name: 'Check all now' }).click()
  await expect(row).toContainText('Ready')

  await page.goto('/fleet?pane=checks')
  const checks = page.getByRole('dialog', { name: 'Key checks' })
  const settings = checks.getByRole('radiogroup', { name: /is noticed/ })
  // It is checked once the server has said so.
  await settings.getByRole('radio', { name: 'At once' }).click()
  await expect(settings.getByRole('radio', { name: 'At once' })).toBeChecked()
  await setKeyEnabled(page, '/vaults/contoso-kv-neu/keys/archive-cmk', false, 'contoso-archive')
  await page.goto('/fleet')
  await expect(row).toContainText('Inaccessible')
  await control('PATCH', '/settings', { keyChangeDetection: 'azure' })
})

test('a suppression rule is made for a time, stands in the list, and is taken back', async ({ page }) => {
  await become(page, 'Aino Novak')
  await page.goto('/alerts/suppression')
  await page.getByRole('button', { name: 'Create suppression rule' }).click()
  const pane = page.getByRole('dialog', { name: 'Create a suppression rule' })
  await pane.getByRole('textbox', { name: 'Name' }).fill('night-work')
  await pane.getByRole('button', { name: 'Save' }).click()
  // Nothing is kept silent by mistake: it has to say about what.
  await expect(pane.getByText('Choose what it is about.')).toBeVisible()
  await pane.getByRole('checkbox', { name: 'Contoso Production' }).check()
  await pane.getByRole('checkbox', { name: '0 - Critical' }).check()
  await pane.getByRole('checkbox', { name: 'End at an instant' }).check()
  await pane.getByRole('button', { name: 'Save' }).click()
  const row = page.getByRole('row').filter({ hasText: 'night-work' })
  await expect(row).toContainText('Sev0')
  await row.getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('alertdialog').or(page.getByRole('dialog')).getByRole('button', { name: 'Delete' }).click()
  await expect(row).toBeHidden()
})

test('an action group is tested by a button, and its log of deliveries tells of it', async ({ page }) => {
  await become(page, 'Aino Novak')
  await page.goto('/alerts/action-groups')
  const row = page.getByRole('row').filter({ hasText: 'ag-key-guards' })
  await row.getByRole('button', { name: /Test/ }).click()
  await row
    .getByRole('link', { name: 'ag-key-guards' })
    .or(row.getByRole('button', { name: 'ag-key-guards' }))
    .click()
  const group = page.getByRole('dialog', { name: /ag-key-guards/ })
  await expect(group.getByRole('listitem').filter({ hasText: 'Test, inbox' }).first()).toContainText('Delivered')
})

test('what a view shows is taken along as CSV, JSON and PNG', async ({ page }) => {
  await become(page, 'Aino Novak')
  await page.goto('/fleet?view=grid')
  await expect(page.getByRole('listbox', { name: /Fleet grid/ })).toBeVisible()
  const beginnings = { CSV: /^server,state/, JSON: /^\[\s*\{\s*"server"/, PNG: /^.PNG/s }
  for (const [kind, begins] of Object.entries(beginnings)) {
    const file = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: kind }).click()
    expect(readFileSync(await (await file).path(), 'latin1')).toMatch(begins)
  }
})
