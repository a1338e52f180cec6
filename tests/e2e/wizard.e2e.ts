import { expect, type Page } from '@playwright/test'
import { become, chooseKey, createAndWait, expectNoAxeViolations, fillBasics, PASSWORD, test } from './support'

test('what was filled in survives a reload and a shared link, passwords apart', async ({ page, browser, baseURL }) => {
  await become(page, 'Aino Novak')
  await fillBasics(page, { name: 'keeps-state' })
  await page.getByRole('tab', { name: /Security/ }).click()
  await page.getByRole('radio', { name: /Customer-managed key/ }).check()
  const carried = () => Buffer.from(new URL(page.url()).searchParams.get('s') ?? '', 'base64url').toString('utf8')
  await expect.poll(carried).toContain('AzureKeyVault')
  const link = page.url()
  expect(link).not.toContain(PASSWORD)
  expect(Buffer.from(new URL(link).searchParams.get('s') ?? '', 'base64url').toString('latin1')).not.toContain(PASSWORD)
  await page.reload()
  await expect(page.getByRole('radio', { name: /Customer-managed key/ })).toBeChecked()
  const other = await (await browser.newContext({ baseURL })).newPage()
  await other.goto(link)
  await other.getByRole('tab', { name: /Basics/ }).click()
  await expect(other.getByRole('textbox', { name: 'Server name' })).toHaveValue('keeps-state')
  await expect(other.getByRole('textbox', { name: /^Password/ })).toHaveValue('')
  await other.close()
})

test('the version checkbox rewrites the identifier, and an EC key is not offered', async ({ page }) => {
  await become(page, 'Aino Novak')
  await fillBasics(page, { name: 'versions' })
  await page.getByRole('tab', { name: /Security/ }).click()
  await page.getByRole('radio', { name: /Customer-managed key/ }).check()
  await chooseKey(page, {
    identity: 'id-orders-neu',
    storeType: 'Key vault',
    store: 'contoso-kv-neu',
    key: 'orders-cmk',
    automatic: false,
  })
  const group = page.getByRole('group', { name: /^Server:/ })
  await expect(group.getByText(/orders-cmk\/[0-9a-f]{32}/)).toBeVisible()
  await group.getByRole('checkbox', { name: /version-less key/ }).check()
  await expect(group.getByText(/\/keys\/orders-cmk$/)).toBeVisible()
  await group.getByRole('button', { name: 'Select a key' }).click()
  const pane = page.getByRole('dialog', { name: 'Select a key' })
  await pane.getByRole('combobox', { name: /^Key vault/ }).selectOption('contoso-kv-neu')
  await expect(pane.getByRole('option', { name: /signing-ec/ })).toBeDisabled()
})

test('bad input is told beside its field, counted on its tab, and nothing is lost', async ({ page }) => {
  await become(page, 'Aino Novak')
  await fillBasics(page, { name: 'Bad_Name' })
  await page.getByRole('textbox', { name: 'Administrator login' }).fill('admin')
  await page.getByRole('textbox', { name: /^Password/ }).fill('short')
  await page.getByRole('button', { name: 'Review + create' }).click()
  await page.getByRole('tab', { name: /Basics/ }).click()
  await expect(page.getByText('Use only lower-case letters, digits and hyphens.')).toBeVisible()
  await expect(page.getByText('This login is reserved. Choose another.')).toBeVisible()
  await expect(page.getByText('A password has 8 to 128 characters.')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Server name' })).toHaveValue('Bad_Name')
})

test('test access names the broken rule and mends it: a key store without purge protection', async ({ page }) => {
  await become(page, 'Aino Novak')
  await fillBasics(page, { name: 'mended' })
  await page.getByRole('tab', { name: /Security/ }).click()
  await page.getByRole('radio', { name: /Customer-managed key/ }).check()
  const group = page.getByRole('group', { name: /^Server:/ })
  await group.getByRole('button', { name: 'Change identity' }).click()
  const identities = page.getByRole('dialog', { name: 'Select user assigned managed identity' })
  await identities.getByRole('radio', { name: /id-spare-neu/ }).check()
  await identities.getByRole('button', { name: 'Add' }).click()
  await group.getByRole('checkbox', { name: /version-less key/ }).check()
  await group.getByRole('radio', { name: 'Enter key identifier' }).check()
  await group
    .getByRole('textbox', { name: /^Key identifier/ })
    .fill('https://contoso-dev-kv.vault.localhost/keys/dev-cmk')
  await page.getByRole('button', { name: 'Test access' }).click()
  await expect(page.getByText('Purge protection is on').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Turn on purge protection' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Assign the role' })).toBeVisible()
})

/** All rules in the light theme; the dark one differs in colours alone. */
async function expectAccessible(page: Page, what: string): Promise<void> {
  await test.step(what, async () => {
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    await expectNoAxeViolations(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    await expectNoAxeViolations(page, ['color-contrast'])
    await page.emulateMedia({ colorScheme: 'light' })
  })
}

test('each tab and pane of the wizard, the deployment and the pages of identity and access are accessible in both themes', async ({
  page,
}) => {
  test.setTimeout(300_000)
  await become(page, 'Aino Novak')
  await fillBasics(page, { name: 'accessible' })
  await page.getByRole('button', { name: 'Configure server' }).click()
  await expectAccessible(page, 'compute and storage')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('tab', { name: /Networking/ }).click()
  await page.getByRole('button', { name: /Add current client/ }).click()
  await expectAccessible(page, 'networking')
  await page.getByRole('tab', { name: /Tags/ }).click()
  await page.getByRole('button', { name: 'Add a tag' }).click()
  await expectAccessible(page, 'tags')
  await page.getByRole('textbox', { name: /^Name/ }).fill('team')
  await page.getByRole('tab', { name: /Security/ }).click()
  await page.getByRole('radio', { name: /Customer-managed key/ }).check()
  const group = page.getByRole('group', { name: /^Server:/ })
  await group.getByRole('button', { name: 'Change identity' }).click()
  await expectAccessible(page, 'identity pane')
  await page.keyboard.press('Escape')
  await group.getByRole('button', { name: 'Select a key' }).click()
  await page.getByText(/key stores? in other regions/).click()
  await expectAccessible(page, 'key pane')
  await page.keyboard.press('Escape')
  await chooseKey(page, {
    ...{ identity: 'id-orders-neu', storeType: 'Key vault', store: 'contoso-kv-neu', key: 'orders-cmk' },
    automatic: true,
  })
  await page.getByRole('button', { name: 'Test access' }).click()
  await expect(page.getByText('All required rules hold')).toBeVisible()
  await expectAccessible(page, 'security')
  await page.getByRole('button', { name: 'Review + create' }).click()
  await page.getByRole('button', { name: 'Download a template' }).click()
  await expectAccessible(page, 'template')
  await page.keyboard.press('Escape')
  await expectAccessible(page, 'review')
  await page.getByRole('tab', { name: /Basics/ }).click()
  await createAndWait(page)
  await expectAccessible(page, 'deployment')
  await page.goto('/servers/accessible')
  await page.getByRole('link', { name: 'Access control (IAM)' }).click()
  await expect(page.getByRole('heading', { level: 1, name: /Access control/ })).toBeVisible()
  await expectAccessible(page, 'access control')
  await page.goto('/identities')
  await page.getByRole('link', { name: 'id-orders-neu' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'id-orders-neu' })).toBeVisible()
  await expectAccessible(page, 'identity')
})
