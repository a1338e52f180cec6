import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline'
import { afterAll, expect, it } from 'vitest'
import { createKeyStoreClient } from '@/server/encryption/key-store-client'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup } from '@/server/identity/service'
import { createCustody } from '@/server/kernel/custody'
import { loadMasterKey, openMasterKey } from '@/server/kernel/master-key'
import { createVault, vaultKeys } from '@/server/keyvault/service'
import { LOCATION, startSurfaces, vaultInput } from '../support/key-stores'
import { SUBSCRIPTION_ID, testTenant } from '../support/tenant'

/** The vault of another installation guards the master key of this one: over HTTPS, by the SDK, as a real vault would. */
const tenant = await testTenant()
const { service } = tenant
const surfaces = await startSurfaces(tenant)
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const guard = await surfaces.signUp('guard')
const vault = await createVault(service, vaultInput('guard-kv'))
const roleDefinitionId = ROLE_IDS.keyVaultCryptoServiceEncryptionUser
await assignRole(service, { scope: vault.id, roleDefinitionId, principalId: guard.principal.objectId })
const keys = vaultKeys(service, 'guard-kv')
for (const name of ['first', 'second']) await keys.create({ name, kty: 'RSA' })
const uri = (name: string) => `${surfaces.origin('vault', 'guard-kv')}/keys/${name}`

const plain = createDefaultHttpClient()
const httpClient: HttpClient = {
  sendRequest(request) {
    request.agent = surfaces.agent
    return plain.sendRequest(request)
  },
}
const store = () => createKeyStoreClient({ credential: guard.credential, httpClient })

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})
function installation(masterKeyVaultKey?: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-guarded-'))
  folders.push(dataDir)
  return { config: { dataDir, masterKeyVaultKey }, file: join(dataDir, 'master.key') }
}

it('a master key that a vault guards lies in its file wrapped, and is the same at every start', async () => {
  const { config, file } = installation(uri('first'))
  const key = await openMasterKey(config, store)
  const text = readFileSync(file, 'utf8')
  expect(text).not.toContain(key.toString('hex'))
  expect(Buffer.from(text, 'latin1').includes(key)).toBe(false)
  expect(JSON.parse(text).kid).toMatch(new RegExp(`^${uri('first')}/[0-9a-f]{32}$`))
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const sealed = createCustody(key).seal('test', 'c', Buffer.from('secret'))
  expect(
    createCustody(await openMasterKey(config, store))
      .open('test', 'c', sealed)
      .toString(),
  ).toBe('secret')
})

it('two processes that start at once end up with one key', async () => {
  const { config } = installation(uri('first'))
  const opened = await Promise.all([1, 2, 3].map(() => openMasterKey(config, store)))
  expect(new Set(opened.map((key) => key.toString('hex'))).size).toBe(1)
})

it('a key that lies in the clear is wrapped at the next start, and one under another key wrapped anew', async () => {
  const { config, file } = installation()
  const key = loadMasterKey(config)
  expect(await openMasterKey({ ...config, masterKeyVaultKey: uri('first') }, store)).toEqual(key)
  expect(readFileSync(file, 'utf8')).not.toContain(key.toString('hex'))
  expect(() => loadMasterKey(config)).toThrow(/Set PORTCULLIS_MASTER_KEY_VAULT_KEY/)
  expect(await openMasterKey({ ...config, masterKeyVaultKey: uri('second') }, store)).toEqual(key)
  expect(JSON.parse(readFileSync(file, 'utf8')).kid).toContain(uri('second'))
  await keys.rotate('second')
  expect(await openMasterKey({ ...config, masterKeyVaultKey: uri('second') }, store)).toEqual(key)
})

it('without its vault’s consent it does not open, and the reason is the vault’s own', async () => {
  const { config, file } = installation(uri('first'))
  const key = await openMasterKey(config, store)
  await keys.update('first', null, { enabled: false })
  await expect(openMasterKey(config, store)).rejects.toThrow(/cannot be opened by .*disabled key/)
  await keys.update('first', null, { enabled: true })
  expect(await openMasterKey(config, store)).toEqual(key)
  writeFileSync(file, 'no key at all')
  await expect(openMasterKey(config, store)).rejects.toThrow(/Put its backup back/)
})
