import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, type Locator, type Page } from '@playwright/test'
import { advanceOneHour, become, type Clock, chooseKey, control, createAndWait, fillBasics, test } from './support'

/** Clicks what makes the browser save a file, and reads that. */
async function saved(page: Page, click: () => Promise<void>): Promise<{ name: string; buffer: Buffer }> {
  const [file] = await Promise.all([page.waitForEvent('download'), click()])
  return { name: file.suggestedFilename(), buffer: await readFile(await file.path()) }
}

const asFile = ({ name, buffer }: { name: string; buffer: Buffer }) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer,
})

/** Fills subscription, resource group and region of a new key store. */
async function choosePlace(page: Page): Promise<void> {
  // A choice made before the page has come to life is lost: choose until the groups follow.
  await expect(async () => {
    await page.getByRole('combobox', { name: 'Subscription' }).selectOption({ label: 'Contoso Production' })
    await expect(page.getByRole('option', { name: 'rg-security-neu' })).toBeAttached({ timeout: 500 })
  }).toPass()
  await page.getByRole('combobox', { name: 'Resource group' }).selectOption('rg-security-neu')
  await page.getByRole('combobox', { name: 'Region' }).selectOption('northeurope')
}

async function createFrom(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Review + create' }).click()
  await page.getByRole('button', { name: 'Create', exact: true }).click()
}

async function createHsm(page: Page, name: string): Promise<void> {
  await page.goto('/create/hsm')
  await choosePlace(page)
  await page.getByRole('textbox', { name: 'Managed HSM name' }).fill(name)
  await page.getByRole('radio', { name: 'Disable purge protection' }).check()
  await createFrom(page)
  await page.waitForURL(`/hsms/${name}/activation`)
}

/** An administrator of a pool has no right to its keys until she gives herself one. */
async function becomeCryptoUser(page: Page, hsm: string): Promise<void> {
  await page.goto(`/hsms/${hsm}/roles`)
  await page.getByRole('button', { name: 'Add role assignment' }).click()
  const pane = page.getByRole('dialog', { name: 'Add role assignment' })
  await pane.getByRole('radio', { name: /^Managed HSM Crypto User/ }).check()
  await pane.getByRole('radio', { name: /^Aino Novak/ }).check()
  await pane.getByRole('button', { name: 'Assign' }).click()
  await expect(page.getByRole('row', { name: /Aino Novak.*Crypto User/ })).toBeVisible()
}

/** Confirms what has to be confirmed by the name. */
async function confirmByName(dialog: Locator, name: string, verb: string): Promise<void> {
  await dialog.getByRole('textbox', { name: /^Type/ }).fill(name)
  await dialog.getByRole('button', { name: verb }).click()
  // Whoever leaves the page before the answer may take the request back.
  await expect(dialog).toBeHidden()
}

test('the ceremony of a managed HSM: no key before, then holders, quorum and security domain; a second HSM is recovered from them and takes its keys', async ({
  page,
}) => {
  test.setTimeout(600_000)
  await become(page, 'Aino Novak')
  await createHsm(page, 'ceremony-hsm')
  await page.goto('/hsms/ceremony-hsm/create-key')
  const create = page.getByRole('button', { name: 'Create', exact: true })
  await create.focus()
  await expect(page.getByText('The managed HSM ceremony-hsm is not activated.').filter({ visible: true })).toBeVisible()

  await page.goto('/hsms/ceremony-hsm/activation')
  await page.getByRole('button', { name: 'Make practice keys in this browser' }).click()
  const links = page.getByRole('link', { name: /Save the private key of holder/ })
  await expect(links).toHaveCount(3)
  const holders = []
  for (const link of await links.all()) holders.push(await saved(page, () => link.click()))
  await page.getByRole('button', { name: 'Download and activate' }).click()
  const domain = await saved(page, () => page.getByRole('link', { name: 'Save the security domain' }).click())
  await expect(page.getByText('Active', { exact: true })).toBeVisible()

  await becomeCryptoUser(page, 'ceremony-hsm')
  await page.goto('/hsms/ceremony-hsm/create-key')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('ceremony-cmk')
  await create.click()
  await expect(page.getByRole('heading', { level: 1, name: 'ceremony-cmk' })).toBeVisible()
  await page.getByRole('button', { name: 'Download backup' }).click()
  const backup = await saved(page, () =>
    page.getByRole('dialog').getByRole('button', { name: 'Download', exact: true }).click(),
  )

  await createHsm(page, 'rescue-hsm')
  // The choice stands in the address, so that it is seen a moment later.
  await page.getByRole('radio', { name: /Recover from the security domain/ }).click()
  await page.getByLabel(/^Security domain \(JSON/).setInputFiles(asFile(domain))
  await page.getByLabel(/^Private keys of a quorum/).setInputFiles(holders.slice(0, 1).map(asFile))
  await page.getByRole('button', { name: 'Recover and activate' }).click()
  await expect(page.getByText(/The quorum is 2 of 3 holders/)).toBeVisible()
  await page.getByLabel(/^Private keys of a quorum/).setInputFiles(holders.slice(1).map(asFile))
  await page.getByRole('button', { name: 'Recover and activate' }).click()
  await expect(page.getByText('Active', { exact: true })).toBeVisible()
  await becomeCryptoUser(page, 'rescue-hsm')
  await page.goto('/hsms/rescue-hsm/create-key?option=restore')
  await page.getByLabel(/^Backup file/).setInputFiles(asFile(backup))
  await page.getByRole('button', { name: 'Restore', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'ceremony-cmk' })).toBeVisible()

  await page.goto('/hsms/rescue-hsm')
  await page.getByRole('button', { name: 'Delete' }).click()
  await confirmByName(page.getByRole('alertdialog'), 'rescue-hsm', 'Delete')
  await page.goto('/hsms')
  const deleted = page.getByRole('row', { name: /rescue-hsm/ })
  await deleted.getByRole('button', { name: 'Purge' }).click()
  await confirmByName(page.getByRole('alertdialog'), 'rescue-hsm', 'Purge')
  await expect(deleted).toHaveCount(0)
})

test('a vault that lets nobody in over the internet refuses the portal in its own words, and its server stays Ready', async ({
  page,
}) => {
  test.setTimeout(300_000)
  await become(page, 'Aino Novak')
  const allow = async (network: string) => {
    await page.goto('/vaults/contoso-kv-neu/networking')
    await page.getByRole('radio', { name: network }).check()
    await page.getByRole('button', { name: 'Apply' }).click()
    const dialog = page.getByRole('dialog', { name: /^Change the network rules/ })
    await dialog.getByRole('button', { name: 'Apply' }).click()
    await expect(dialog).toBeHidden()
  }
  await allow('Disable public access')
  try {
    await page.goto('/vaults/contoso-kv-neu/keys/orders-cmk')
    await expect(page.getByText(/\(ForbiddenByConnection\) Public network access is disabled/)).toBeVisible()
    await expect(page.getByText(/Servers are not blocked/)).toBeVisible()
    await advanceOneHour(page)
    await page.goto('/servers/contoso-orders')
    await expect(page.getByText('Ready').first()).toBeVisible()
    // The servers did ask the closed vault in that hour, and it answered.
    await page.goto('/vaults/contoso-kv-neu/audit?hours=1&operation=KeyUnwrap&result=Success')
    await expect(page.getByRole('row', { name: /KeyUnwrap/ }).first()).toBeVisible()
    await page.goto('/vaults/contoso-kv-neu/audit?hours=2&result=Failure')
    await expect(page.getByRole('row', { name: /ForbiddenByConnection|403/ }).first()).toBeVisible()
  } finally {
    await allow('All networks')
  }
})

test.describe
  .serial('a vault of one’s own', () => {
    const KEY = '/vaults/phoenix-kv/keys/phoenix-cmk'

    /** Gives the identity of the server its role on the vault; answers with the address of the page. */
    async function grantRole(page: Page): Promise<void> {
      await page.goto('/vaults/phoenix-kv')
      await page.getByRole('link', { name: 'Access control (IAM)' }).click()
      await page.getByRole('button', { name: 'Add role assignment' }).click()
      const pane = page.getByRole('dialog', { name: 'Add role assignment' })
      await pane.getByRole('radio', { name: /^Key Vault Crypto Service Encryption User/ }).check()
      await pane
        .getByRole('textbox', { name: 'Filter principals' })
        .or(pane.getByRole('searchbox', { name: 'Filter principals' }))
        .fill('id-spare-neu')
      await pane.getByRole('radio', { name: /^id-spare-neu/ }).check()
      await pane.getByRole('button', { name: 'Assign' }).click()
      await expect(page.getByRole('row', { name: /id-spare-neu.*Crypto Service Encryption User/ })).toBeVisible()
    }

    test('a key that was made elsewhere is imported, and its public half comes out as it went in', async ({ page }) => {
      test.setTimeout(300_000)
      await become(page, 'Aino Novak')
      await page.goto('/create/vault')
      await choosePlace(page)
      await page.getByRole('textbox', { name: 'Key vault name' }).fill('phoenix-kv')
      await createFrom(page)
      await page.waitForURL('/vaults/phoenix-kv')

      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const pem = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
      await page.goto('/vaults/phoenix-kv/create-key?option=import')
      await page.getByLabel(/^File/).setInputFiles(asFile({ name: 'own.pem', buffer: Buffer.from(pem) }))
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('phoenix-cmk')
      await page.getByRole('textbox', { name: 'Password' }).fill('close sesame')
      await page.getByRole('button', { name: 'Create', exact: true }).click()
      await expect(page.getByText(/its password is another one/).first()).toBeVisible()
      await page.getByRole('textbox', { name: 'Password' }).fill('open sesame')
      await page.getByRole('button', { name: 'Create', exact: true }).click()
      await page.getByRole('button', { name: /^[0-9a-f]{32}/ }).click()
      const file = await saved(page, () => page.getByRole('button', { name: 'Download public key' }).click())
      expect(createPublicKey(file.buffer).equals(publicKey)).toBe(true)
    })

    test('a lock keeps a vault from deletion; without it the vault is deleted and recovered, its role is gone, and its server comes back only with the role', async ({
      page,
    }) => {
      test.setTimeout(600_000)
      await become(page, 'Aino Novak')
      await grantRole(page)
      await fillBasics(page, { name: 'phoenix-pg' })
      await page.getByRole('tab', { name: /Security/ }).click()
      await page.getByRole('radio', { name: /Customer-managed key/ }).check()
      await chooseKey(page, {
        identity: 'id-spare-neu',
        storeType: 'Key vault',
        store: 'phoenix-kv',
        key: 'phoenix-cmk',
        automatic: true,
      })
      await createAndWait(page)

      await page.goto('/vaults/phoenix-kv')
      await page.getByRole('link', { name: 'Locks' }).click()
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      const pane = page.getByRole('dialog', { name: 'Add lock' })
      await pane.getByRole('textbox', { name: 'Lock name' }).fill('keep')
      await pane.getByRole('button', { name: 'Save' }).click()
      const lock = page.getByRole('row', { name: /keep/ })
      await expect(lock).toBeVisible()
      await page.goto('/vaults/phoenix-kv')
      const remove = page.getByRole('button', { name: 'Delete' })
      await expect(remove).toHaveAttribute('aria-disabled', 'true')
      await page.getByRole('link', { name: 'Locks' }).click()
      await lock.getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await expect(lock).toHaveCount(0)

      await page.goto('/vaults/phoenix-kv')
      await remove.click()
      const dialog = page.getByRole('alertdialog')
      await expect(dialog.getByText('phoenix-pg').first()).toBeVisible()
      await confirmByName(dialog, 'phoenix-kv', 'Delete')
      await expect(page.getByText('This vault is deleted.')).toBeVisible()
      await advanceOneHour(page)
      await page.goto('/servers/phoenix-pg')
      await expect(page.getByText('Inaccessible').first()).toBeVisible()

      await page.goto('/vaults')
      await page
        .getByRole('row', { name: /phoenix-kv/ })
        .getByRole('button', { name: 'Recover' })
        .click()
      await expect(page.getByText(/phoenix-kv was recovered. Its role assignments were not/).first()).toBeVisible()
      await page.goto('/vaults/phoenix-kv')
      await page.getByRole('link', { name: 'Access control (IAM)' }).click()
      await expect(page.getByRole('row', { name: /Aino Novak/ }).first()).toBeVisible()
      await expect(page.getByRole('row', { name: /id-spare-neu/ })).toHaveCount(0)
      await advanceOneHour(page)
      await page.goto('/servers/phoenix-pg')
      await expect(page.getByText('Inaccessible').first()).toBeVisible()

      await grantRole(page)
      await advanceOneHour(page)
      await page.goto('/servers/phoenix-pg')
      await expect(page.getByText('Ready').first()).toBeVisible()
    })

    test('a rotation policy makes a new version when its time comes, and the server that follows versions changes to it', async ({
      page,
    }) => {
      test.setTimeout(300_000)
      await become(page, 'Aino Novak')
      await page.goto(KEY)
      const old = page.getByRole('button', { name: /^[0-9a-f]{32}/ }).first()
      const version = (await old.textContent())!
      await old.click()
      const pane = page.getByRole('dialog', { name: /^Version of/ })
      await pane.getByRole('checkbox', { name: 'Set expiration date' }).check()
      const { now } = await control<Clock>('GET', '/clock')
      const expires = new Date(Date.parse(now) + 7 * 86_400_000 + 1_800_000).toISOString().slice(0, 16)
      await pane.getByLabel(/^Expiration date/).fill(expires)
      await pane.getByRole('button', { name: 'Save' }).click()
      await page
        .getByRole('dialog', { name: /^Change this version/ })
        .getByRole('button', { name: 'Save' })
        .click()
      await expect(pane).toBeHidden()

      await page.getByRole('button', { name: 'Rotation policy' }).click()
      const policy = page.getByRole('dialog', { name: 'Rotation policy' })
      await policy.getByRole('radio', { name: /before expiry/ }).check()
      await policy.getByLabel('Rotation time', { exact: true }).fill('7')
      await policy.getByLabel('Unit of rotation time').selectOption('D')
      await policy.getByRole('button', { name: 'Save' }).click()
      await expect(policy).toBeHidden()
      await expect(page.getByText(/A new version 7 days before expiry/)).toBeVisible()

      await advanceOneHour(page)
      await page.goto(KEY)
      await expect(page.getByRole('row', { name: new RegExp(`${version}(?! \\(current)`) })).not.toHaveCount(0)
      const current = page.getByRole('row', { name: /\(current\)/ })
      await expect(current).toBeVisible()
      await expect(current).not.toContainText(version)
      await advanceOneHour(page)
      await page.goto(KEY)
      await expect(page.getByRole('row', { name: /phoenix-pg/ })).toContainText('Follows new versions')
      await expect(page.getByRole('row', { name: /phoenix-pg/ })).not.toContainText('not the current version')
    })
  })
