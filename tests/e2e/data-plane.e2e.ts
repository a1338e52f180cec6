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
