import { expect } from '@playwright/test'
import {
  advanceOneHour,
  become,
  chooseKey,
  createAndWait,
  fillBasics,
  type KeyPick,
  setKeyEnabled,
  test,
} from './support'

const VAULT = { storeType: 'Key vault', store: 'contoso-kv-neu', key: 'orders-cmk', identity: 'id-orders-neu' } as const
const HSM = {
  storeType: 'Managed HSM',
  store: 'contoso-hsm-neu',
  key: 'ledger-cmk',
  identity: 'id-ledger-neu',
} as const

const STORIES: { name: string; pick: KeyPick; page: string }[] = [
  { name: 'story-kv-pinned', pick: { ...VAULT, automatic: false }, page: '/vaults/contoso-kv-neu/keys/orders-cmk' },
  { name: 'story-kv-auto', pick: { ...VAULT, automatic: true }, page: '/vaults/contoso-kv-neu/keys/orders-cmk' },
  { name: 'story-hsm-pinned', pick: { ...HSM, automatic: false }, page: '/hsms/contoso-hsm-neu/keys/ledger-cmk' },
  { name: 'story-hsm-auto', pick: { ...HSM, automatic: true }, page: '/hsms/contoso-hsm-neu/keys/ledger-cmk' },
]

for (const { name, pick, page: keyPage } of STORIES) {
  test(`${name}: created in the wizard, fallen when its key is disabled, Ready again when it returns`, async ({
    page,
  }) => {
    test.setTimeout(240_000)
    await become(page, 'Aino Novak')
    await fillBasics(page, { name })
    await page.getByRole('tab', { name: /Security/ }).click()
    await page.getByRole('radio', { name: /Customer-managed key/ }).check()
    await chooseKey(page, pick)
    await createAndWait(page)
    await page.getByRole('link', { name: 'Go to resource' }).click()
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await expect(page.getByText('Ready').first()).toBeVisible()

    await setKeyEnabled(page, keyPage, false, name)
    await page.goto(`/servers/${name}`)
    await advanceOneHour(page)
    await expect(page.getByText('Inaccessible').first()).toBeVisible()
    await expect(page.getByText('The key version is disabled').first()).toBeVisible()
    await page.goto('/fleet')
    await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('Inaccessible')

    await setKeyEnabled(page, keyPage, true)
    await page.goto(`/servers/${name}`)
    await advanceOneHour(page)
    await expect(page.getByText('Ready').first()).toBeVisible()
  })
}

test('a server with a service-managed key is created and Ready', async ({ page }) => {
  await become(page, 'Aino Novak')
  await fillBasics(page, { name: 'story-smk' })
  await createAndWait(page)
  await page.getByRole('link', { name: 'Go to resource' }).click()
  await expect(page.getByText('Service-managed key').first()).toBeVisible()
})

test('geo-redundant backup takes a second identity and key in the paired region', async ({ page }) => {
  test.setTimeout(120_000)
  await become(page, 'Aino Novak')
  await fillBasics(page, { name: 'story-geo', geoRedundant: true })
  await page.getByRole('tab', { name: /Security/ }).click()
  await page.getByRole('radio', { name: /Customer-managed key/ }).check()
  await chooseKey(page, { ...VAULT, automatic: true })
  const geo = {
    storeType: 'Key vault',
    store: 'contoso-kv-weu',
    key: 'orders-geo-cmk',
    identity: 'id-orders-weu',
    automatic: true,
  } as const
  await chooseKey(page, geo, /^Geo-redundant backup/)
  await createAndWait(page)
})
