import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { expect } from '@playwright/test'
import { become, test } from './support'

test('audit records go on to a webhook, which is tested and removed', async ({ page }) => {
  const got: string[] = []
  const receiver = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    got.push(body)
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/audit`
  await become(page, 'Aino Novak')
  await page.goto('/vaults/contoso-kv-neu/audit')
  await page.getByRole('button', { name: 'Add diagnostic setting' }).click()
  const pane = page.getByRole('dialog', { name: 'Add diagnostic setting' })
  await pane.getByLabel('Name').fill('siem')
  await pane.getByLabel('Receiver').fill('nonsense')
  await expect(pane.getByText('Give an address such as').first()).toBeVisible()
  await pane.getByLabel('Receiver').fill(endpoint)
  await pane.getByLabel('The first record of the log').check()
  await pane.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(pane.getByText('Signing secret of siem')).toBeVisible()
  await page.screenshot({ path: 'test-results/diagnostics-secret.png' })
  await pane.getByRole('button', { name: 'I have kept the secret' }).click()
  const row = page.getByRole('row', { name: /siem/ })
  await row.getByRole('button', { name: 'Test' }).click()
  await expect.poll(() => got.some((body) => body.includes('DiagnosticSettingTest'))).toBe(true)
  await expect(row.getByText(/Up to record \d+/)).toBeVisible()
  await page.screenshot({ path: 'test-results/diagnostics.png', fullPage: true })
  await row.getByRole('button', { name: 'Remove' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('The records stay here alone')).toBeVisible()
  receiver.close()
})

test('the certificate of the local authority can be downloaded, and vouches for the simulated cloud', async ({
  page,
}) => {
  const answer = await page.request.get('/api/portal/certificate')
  expect(answer.headers()['content-disposition']).toContain('portcullis-ca.pem')
  const port = Number(process.env.PORTCULLIS_HTTPS_PORT)
  const ca = await answer.text()
  const authorized = await new Promise<boolean>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'login.localhost', ca }, () => {
      resolve(socket.authorized)
      socket.end()
    })
    socket.once('error', reject)
  })
  expect(authorized).toBe(true)
})
