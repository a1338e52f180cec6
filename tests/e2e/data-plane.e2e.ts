import { expect } from '@playwright/test'
import { become, createAndWait, expectNoAxeViolations, fillBasics, PASSWORD, test } from './support'

const NAME = 'sealed-words'
const WORD = 'zirkelstein-4711'

test('SQL written in the browser reaches the database, and a word of it lies in no raw file', async ({ page }) => {
  test.setTimeout(240_000)
  await become(page, 'Aino Novak')
  await fillBasics(page, { name: NAME })
  await createAndWait(page)

  await page.goto(`/servers/${NAME}/networking`)
  await page.getByRole('button', { name: /Add this machine/ }).click()
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(/were saved/).first()).toBeVisible()

  const answer = await page.request.get(`/api/portal/servers/${NAME}/connection`)
  const { port } = (await answer.json()) as { port: number }
  await page.goto(`/servers/${NAME}/connect`)
  await expect(page.getByRole('region', { name: 'psql snippet' })).toContainText(`port=${port}`)
  await expectNoAxeViolations(page)

  await page.goto(`/servers/${NAME}/console`)
  const editor = page.getByRole('textbox', { name: 'SQL statements' })
  await page.getByLabel('Password').fill(PASSWORD)
  await editor.click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(
    `CREATE TABLE notes (word text); INSERT INTO notes VALUES ('${WORD}'); SELECT word AS kept FROM notes`,
  )
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('cell', { name: WORD })).toBeVisible({ timeout: 30_000 })
  await expectNoAxeViolations(page)

  await page.goto(`/servers/${NAME}/sealed`)
  await expect(page.getByRole('region', { name: /Opened, as PostgreSQL sees it/ })).toBeVisible({ timeout: 30_000 })
  await page.getByLabel('A word of your own data').fill(WORD)
  await page.getByRole('button', { name: 'Search every byte' }).click()
  await expect(page.getByText('On the disk: 0 times')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText(/Tables and indexes: 1 time/)).toBeVisible()
  await expectNoAxeViolations(page)
})

test('server parameters are changed, hold after the restart that they ask for, and are set back; a fault is told beside its value', async ({
  page,
}) => {
  test.setTimeout(120_000)
  await become(page, 'Aino Novak')
  await page.goto(`/servers/${NAME}/parameters?q=connections&show=Static`)
  const connections = page.getByRole('textbox', { name: 'max_connections' })
  await connections.fill('9')
  await expect(page.getByText('Give a number from 25 to 1000.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Save 1 change' })).toHaveAttribute('aria-disabled', 'true')
  await connections.fill('77')
  await page.getByRole('button', { name: 'Save 1 change' }).click()
  await expect(page.getByText('Restart needed: max_connections holds from the next restart on.')).toBeVisible()
  await expectNoAxeViolations(page)
  await page.screenshot({ path: 'test-results/pages/server-parameters-restart.png' })
  await page.getByRole('group').getByRole('button', { name: 'Restart' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click()
  await expect(page.getByText(/Restart needed: max_connections/)).toHaveCount(0, { timeout: 30_000 })
  await expect(connections).toHaveValue('77', { timeout: 30_000 })

  await page.getByRole('tab', { name: 'Modified (1)' }).click()
  await page.getByRole('button', { name: 'Reset all to default' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click()
  await expect(page.getByText('No parameter was modified')).toBeVisible()
  await expect(page.getByText(/Restart needed: max_connections/)).toBeVisible()
})

test('a server is scaled by a restart and its administrator gets another password', async ({ page }) => {
  test.setTimeout(120_000)
  await become(page, 'Aino Novak')
  await page.goto(`/servers/${NAME}/compute`)
  await page.getByRole('radio', { name: /^Memory Optimized/ }).check()
  await page.getByRole('combobox', { name: 'Storage size' }).selectOption('256 GiB')
  await expectNoAxeViolations(page)
  await page.screenshot({ path: 'test-results/pages/server-compute-changed.png', fullPage: true })
  await page.getByRole('button', { name: 'Save and restart' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Restart' }).click()
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByText('Ready', { exact: true })).toBeVisible({ timeout: 30_000 })
  for (const password of ['Other-keeper-4712', PASSWORD]) {
    await page.getByLabel('New password of gatekeeper').fill(password)
    await page.getByLabel('Confirm password').fill(password)
    await page.getByRole('button', { name: 'Reset password' }).click()
    await expect(page.getByLabel('Confirm password')).toHaveValue('', { timeout: 30_000 })
    await expect(page.getByText('The password of gatekeeper was reset').first()).toBeVisible()
  }
})

test('a backup taken now comes back as a new server that holds the row, under a service-managed key', async ({
  page,
}) => {
  test.setTimeout(240_000)
  const restored = `${NAME}-back`
  await become(page, 'Aino Novak')
  await page.goto(`/servers/${NAME}/backups`)
  await page.getByRole('button', { name: 'Back up now' }).click()
  const ask = page.getByRole('dialog', { name: `Back up ${NAME} now` })
  await ask.getByRole('textbox', { name: /Name of the backup/ }).fill('by-hand')
  await expectNoAxeViolations(page)
  await ask.getByRole('button', { name: 'Back up', exact: true }).click()
  const row = page.getByRole('row', { name: /by-hand/ })
  await expect(row).toContainText('Succeeded', { timeout: 60_000 })
  await expect(row).toContainText('On demand')
  await page.screenshot({ path: 'test-results/pages/backups-of-one.png' })

  await row.getByRole('button', { name: 'Restore' }).click()
  const pane = page.getByRole('dialog', { name: 'Restore to a new server' })
  await pane.getByRole('textbox', { name: /Name of the new server/ }).fill(restored)
  await pane.getByRole('radio', { name: 'Customer-managed key, another key or identity' }).check()
  await expect(pane.getByRole('button', { name: 'Restore', exact: true })).toHaveAttribute('aria-disabled', 'true')
  await expectNoAxeViolations(page)
  await page.screenshot({ path: 'test-results/pages/restore-pane.png' })
  await pane.getByRole('radio', { name: 'Service-managed key' }).check()
  await pane.getByRole('button', { name: 'Restore', exact: true }).click()
  await page.waitForURL(/\/deployments\//)
  await expect(page.getByRole('heading', { name: 'Your deployment is complete' })).toBeVisible({ timeout: 90_000 })

  await page.goto(`/servers/${restored}`)
  await expect(page.getByText(`${NAME}, as of`)).toBeVisible()
  await page.goto(`/servers/${restored}/console`)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('textbox', { name: 'SQL statements' }).click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText('SELECT word AS kept FROM notes')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('cell', { name: WORD })).toBeVisible({ timeout: 30_000 })

  await page.goto(`/servers/${NAME}/backups`)
  await row.getByRole('button', { name: 'Delete' }).click()
  await page
    .getByRole('dialog', { name: /Delete the backup/ })
    .getByRole('button', { name: 'Delete' })
    .click()
  await expect(row).toHaveCount(0, { timeout: 30_000 })
})
