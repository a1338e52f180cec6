import { expect } from '@playwright/test'
import { become, chooseKey, control, fillBasics, setKeyEnabled, test } from './support'

test('an auditor reads servers and may not delete them: the button says which role is missing', async ({ page }) => {
  await become(page, 'Tomas Rivera')
  await page.goto('/servers/contoso-orders')
  const remove = page.getByRole('button', { name: 'Delete' })
  await expect(remove).toHaveAttribute('aria-disabled', 'true')
  await remove.focus()
  await expect(
    page
      .getByText(/You need the role/)
      .filter({ visible: true })
      .first(),
  ).toBeVisible()
})

test('a database administrator may not disable a key, the security officer may', async ({ page }) => {
  await become(page, 'Daniel Okafor')
  await page.goto('/vaults/contoso-kv-neu/keys/orders-cmk')
  await expect(page.getByRole('button', { name: 'Rotate now' })).toHaveAttribute('aria-disabled', 'true')
  await become(page, 'Sofia Lindqvist')
  await page.goto('/vaults/contoso-kv-neu/keys/orders-cmk')
  await expect(page.getByRole('button', { name: 'Rotate now' })).not.toHaveAttribute('aria-disabled', 'true')
})

test('an auditor cannot create a server: Create is disabled and names the role', async ({ page }) => {
  await become(page, 'Tomas Rivera')
  await fillBasics(page, { name: 'audited' })
  await page.getByRole('button', { name: 'Review + create' }).click()
  await expect(page.getByRole('button', { name: 'Create', exact: true })).toHaveAttribute('aria-disabled', 'true')
})

test('a change made elsewhere shows within two seconds, without a reload', async ({ page, browser, baseURL }) => {
  const other = await (await browser.newContext({ baseURL })).newPage()
  await become(page, 'Sofia Lindqvist')
  await become(other, 'Sofia Lindqvist')
  await other.goto('/vaults/contoso-kv-neu/keys/reports-cmk')
  await expect(other.getByText('Enabled').first()).toBeVisible()
  await setKeyEnabled(page, '/vaults/contoso-kv-neu/keys/reports-cmk', false)
  await expect(other.getByText('Disabled').first()).toBeVisible({ timeout: 2_000 })
  await setKeyEnabled(page, '/vaults/contoso-kv-neu/keys/reports-cmk', true)
  await other.close()
})

test('a deployment survives a reload while it waits, and fails naming the broken rule when the key is taken meanwhile', async ({
  page,
}) => {
  test.setTimeout(120_000)
  await become(page, 'Aino Novak')
  await control('PATCH', '/settings', { rolePropagationSeconds: 600 })
  try {
    await fillBasics(page, { name: 'taken-away' })
    await page.getByRole('tab', { name: /Security/ }).click()
    await page.getByRole('radio', { name: /Customer-managed key/ }).check()
    await chooseKey(page, {
      identity: 'id-spare-neu',
      storeType: 'Key vault',
      store: 'contoso-kv-neu',
      key: 'reports-cmk',
      automatic: true,
    })
    await page.getByRole('button', { name: 'Test access' }).click()
    await page.getByRole('button', { name: 'Assign the role' }).click()
    await page.getByRole('button', { name: 'Review + create' }).click()
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await page.waitForURL(/\/deployments\//)
    await expect(page.getByText(/still taking effect/).first()).toBeVisible()
    await page.reload()
    await expect(page.getByText(/still taking effect/).first()).toBeVisible()
    const deployment = page.url()
    await setKeyEnabled(page, '/vaults/contoso-kv-neu/keys/reports-cmk', false)
    await page.goto(deployment)
    await control('POST', '/clock/advance', { seconds: 600 })
    await expect(page.getByRole('heading', { name: 'Your deployment failed' })).toBeVisible({ timeout: 20_000 })
    await expect(page.getByText(/The key is enabled/).first()).toBeVisible()
    await expect(page.getByText('AzureKeyVaultKeyDisabled').first()).toBeVisible()
    expect((await page.request.get('/api/portal/servers/taken-away')).status()).toBe(404)
  } finally {
    await control('PATCH', '/settings', { rolePropagationSeconds: 0 })
    await setKeyEnabled(page, '/vaults/contoso-kv-neu/keys/reports-cmk', true)
  }
})

test('a deployment that waits can be cancelled, leaves nothing behind, and can be deployed again', async ({ page }) => {
  test.setTimeout(120_000)
  await become(page, 'Aino Novak')
  await control('PATCH', '/settings', { rolePropagationSeconds: 600 })
  try {
    await fillBasics(page, { name: 'cancelled-once' })
    await page.getByRole('tab', { name: /Security/ }).click()
    await page.getByRole('radio', { name: /Customer-managed key/ }).check()
    await page.getByRole('button', { name: 'Change identity' }).click()
    const pane = page.getByRole('dialog', { name: 'Select user assigned managed identity' })
    await pane.getByRole('button', { name: 'Create new' }).click()
    await pane.getByRole('textbox', { name: /^Name/ }).fill('id-cancelled')
    await pane.getByRole('button', { name: 'Create', exact: true }).click()
    await expect(pane.getByRole('radio', { name: /id-cancelled/ })).toBeChecked()
    await pane.getByRole('button', { name: 'Add' }).click()
    await chooseKey(page, {
      ...{ identity: 'id-cancelled', storeType: 'Key vault', store: 'contoso-kv-neu', key: 'orders-cmk' },
      automatic: true,
    })
    await page.getByRole('button', { name: 'Test access' }).click()
    await page.getByRole('button', { name: 'Assign the role' }).click()
    await page.getByRole('button', { name: 'Review + create' }).click()
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await page.waitForURL(/\/deployments\//)
    await expect(page.getByText(/still taking effect/).first()).toBeVisible()

    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    await page.getByRole('button', { name: 'Cancel the deployment' }).click()
    await expect(page.getByRole('heading', { name: 'Your deployment was cancelled' })).toBeVisible()
    expect((await page.request.get('/api/portal/servers/cancelled-once')).status()).toBe(404)

    const cancelled = page.url()
    await page.getByRole('button', { name: 'Redeploy' }).click()
    await page.waitForURL((url) => url.href !== cancelled)
    await expect(page.getByText(/still taking effect/).first()).toBeVisible()
    await control('POST', '/clock/advance', { seconds: 600 })
    await expect(page.getByRole('heading', { name: 'Your deployment is complete' })).toBeVisible({ timeout: 45_000 })
  } finally {
    await control('PATCH', '/settings', { rolePropagationSeconds: 0 })
  }
})
