import { expect, test as noisy, type Page } from '@playwright/test'
import { become, expectNoAxeViolations, test } from './support'

/** The resource id of a vault; the seed makes the same ids everywhere. */
const VAULT = encodeURIComponent(
  '/subscriptions/c5abdde7-5167-5ecf-89c8-a25238af4cbb/resourceGroups/rg-security-neu/providers/Microsoft.KeyVault/vaults/contoso-kv-neu',
)

/** Every kind of page, by its deep link. */
const PAGES: [name: string, path: string, heading: string | RegExp][] = [
  ['home', '/', /Welcome/],
  ['fleet', '/fleet', 'Fleet health'],
  ['resources', '/resources', 'All resources'],
  ['servers', '/servers', 'PostgreSQL servers'],
  ['server-ready', '/servers/contoso-orders', 'contoso-orders'],
  ['server-inaccessible', '/servers/contoso-archive', 'contoso-archive'],
  ['data-encryption', '/servers/contoso-orders/data-encryption', 'contoso-orders'],
  ['server-connect', '/servers/contoso-orders/connect?client=node', 'contoso-orders'],
  ['server-console', '/servers/contoso-orders/console', 'contoso-orders'],
  ['server-sealed', '/servers/contoso-orders/sealed', 'contoso-orders'],
  ['server-backups', '/servers/contoso-orders/backups', 'contoso-orders'],
  ['server-compute', '/servers/contoso-orders/compute', 'contoso-orders'],
  ['server-parameters', '/servers/contoso-orders/parameters?q=mem', 'contoso-orders'],
  ['server-networking', '/servers/contoso-orders/networking', 'contoso-orders'],
  ['vaults', '/vaults', 'Key vaults'],
  ['vault', '/vaults/contoso-kv-neu', 'contoso-kv-neu'],
  ['vault-keys', '/vaults/contoso-kv-neu/keys', 'contoso-kv-neu'],
  ['vault-access', '/vaults/contoso-policy-kv/access', 'contoso-policy-kv'],
  ['vault-networking', '/vaults/contoso-kv-neu/networking', 'contoso-kv-neu'],
  ['vault-audit', '/vaults/contoso-kv-neu/audit', 'contoso-kv-neu'],
  ['key', '/vaults/contoso-kv-neu/keys/orders-cmk', 'orders-cmk'],
  ['create-key', '/vaults/contoso-kv-neu/create-key', /key/i],
  ['hsms', '/hsms', 'Managed HSMs'],
  ['hsm', '/hsms/contoso-hsm-neu', 'contoso-hsm-neu'],
  ['hsm-roles', '/hsms/contoso-hsm-neu/roles', 'contoso-hsm-neu'],
  ['hsm-key', '/hsms/contoso-hsm-neu/keys/ledger-cmk', 'ledger-cmk'],
  ['identities', '/identities', 'Managed identities'],
  ['server-health', '/servers/contoso-archive/health', 'contoso-archive'],
  ['server-metrics', '/servers/contoso-archive/metrics?hours=24', 'contoso-archive'],
  ['vault-metrics', '/vaults/contoso-kv-neu/metrics?split=StatusCode', 'contoso-kv-neu'],
  ['alerts', '/alerts', 'Alerts'],
  ['alert-rules', '/alerts/rules', 'Alert rules'],
  ['alert-rule', '/alerts/rules?rule=Server+Inaccessible', 'Alert rules'],
  ['alert-rule-new', '/alerts/rules?rule=new', 'Alert rules'],
  ['action-groups', '/alerts/action-groups', 'Action groups'],
  ['action-group', '/alerts/action-groups?group=ag-key-guards', 'Action groups'],
  ['suppression-rule-new', '/alerts/suppression?rule=new', 'Suppression rules'],
  ['advisor', '/advisor', 'Advisor'],
  ['advice', '/advisor?server=contoso-orders', 'Advisor'],
  ['activity', '/activity', 'Activity log'],
  ['deployments', '/deployments', /Deployments/],
  ['wizard-basics', '/create/postgres', /New Azure Database for PostgreSQL/],
  ['create-vault', '/create/vault', /vault/i],
  ['vault-properties', '/vaults/contoso-kv-neu/properties', 'contoso-kv-neu'],
  ['import-key', '/vaults/contoso-kv-neu/create-key?option=import', /key/i],
  ['locks', `/locks?scope=${VAULT}`, 'Locks'],
  ['lock-new', `/locks?scope=${VAULT}&lock=new`, 'Locks'],
  ['check-access', `/access?scope=${VAULT}&check=anybody`, /Access control/],
  ['create-hsm', '/create/hsm', /HSM/],
  ['create-hsm-administrators', '/create/hsm?tab=Administrators', /HSM/],
  ['hsm-domain', '/hsms/contoso-hsm-neu/activation', 'contoso-hsm-neu'],
  ['hsm-backups', '/hsms/contoso-hsm-neu/backups', 'contoso-hsm-neu'],
  ['hsm-networking', '/hsms/contoso-hsm-neu/networking', 'contoso-hsm-neu'],
  ['hsm-properties', '/hsms/contoso-hsm-neu/properties', 'contoso-hsm-neu'],
]

async function useTheme(page: Page, theme: 'Light' | 'Dark'): Promise<void> {
  await page.goto('/')
  await page.getByRole('banner').getByRole('button', { name: /theme/i }).click()
  await page.getByRole('menuitemradio', { name: theme }).click()
}

for (const theme of ['Light', 'Dark'] as const) {
  test(`every page has its heading and no accessibility violation in the ${theme.toLowerCase()} theme`, async ({
    page,
  }) => {
    test.setTimeout(480_000)
    await become(page, 'Aino Novak')
    await useTheme(page, theme)
    for (const [name, path, heading] of PAGES) {
      await test.step(name, async () => {
        await page.goto(path)
        // A pane that is open hides the page behind it from screen readers, and from nobody else.
        await expect(page.getByRole('heading', { level: 1, name: heading, includeHidden: true })).toBeVisible()
        await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
        await page.screenshot({ path: `test-results/pages/${name}-${theme.toLowerCase()}.png` })
        // The themes differ in colours alone.
        await expectNoAxeViolations(page, theme === 'Dark' ? ['color-contrast'] : undefined)
      })
    }
  })
}

test('menus, lists and panes have no accessibility violation while they are open, and Escape closes them', async ({
  page,
}) => {
  await become(page, 'Aino Novak')
  const bar = page.getByRole('banner')
  for (const [name, overlay] of [
    [/theme/i, page.getByRole('menu')],
    [/Switch person/, page.getByRole('menu')],
    [/\d{2}:\d{2}:\d{2}/, page.getByRole('button', { name: '+1 hour' })],
    [/Notifications/, page.getByRole('dialog', { name: /Notifications/ })],
  ] as const) {
    await bar.getByRole('button', { name }).click()
    await expect(overlay).toBeVisible()
    await expectNoAxeViolations(page)
    await page.keyboard.press('Escape')
    await expect(overlay).toBeHidden()
    await expect(bar.getByRole('button', { name })).toBeFocused()
  }
  const search = bar.getByRole('combobox')
  await search.pressSequentially('orders')
  await expect(page.getByRole('option', { name: /contoso-orders/ }).first()).toBeVisible()
  await expectNoAxeViolations(page)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('option')).toHaveCount(0)
})

test('every link of the home page and the navigation leads somewhere', async ({ page, request }) => {
  await become(page, 'Aino Novak')
  const hrefs = await page
    .getByRole('link')
    .evaluateAll((links) => links.map((a) => (a as HTMLAnchorElement).getAttribute('href') ?? ''))
  const own = [...new Set(hrefs)].filter((href) => href.startsWith('/'))
  expect(own.length).toBeGreaterThan(8)
  for (const href of own) expect((await request.get(href)).status(), href).toBe(200)
})

test('the page can be used by keyboard alone: the skip link leads to the content, the navigation to a server', async ({
  page,
}) => {
  await become(page, 'Aino Novak')
  await page.goto('/servers')
  await expect(page.getByRole('link', { name: 'contoso-orders', exact: true })).toBeVisible()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: /Skip to/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'contoso-orders', exact: true }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'contoso-orders' })).toBeVisible()
})

// The browser itself reports the 404 on its console, so this one does not ask for silence.
noisy('a page that does not exist says so and leads home', async ({ page }) => {
  const response = await page.goto('/no-such-page')
  expect(response?.status()).toBe(404)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expectNoAxeViolations(page)
})
