import { expect, test } from 'vitest'
import { pathOfKeyIdentifier, pathOfResource, paths } from '@/components/portal/paths'

test('every link of the portal is this one', () => {
  const scope = '/subscriptions/s/resourceGroups/g'
  expect({
    home: paths.home(),
    fleet: paths.fleet(),
    resources: paths.resources(),
    filtered: paths.resources({ type: 'vault', group: 'rg one' }),
    servers: paths.servers(),
    server: paths.server('orders'),
    serverDataEncryption: paths.serverDataEncryption('orders'),
    vaults: paths.vaults(),
    vault: paths.vault('kv-1'),
    vaultKey: paths.vaultKey('kv-1', 'cmk'),
    createVaultKey: paths.createVaultKey('kv-1'),
    vaultSection: paths.vaultSection('kv-1', 'deleted-keys'),
    hsms: paths.hsms(),
    hsm: paths.hsm('hsm-1'),
    hsmKey: paths.hsmKey('hsm-1', 'cmk'),
    createHsmKey: paths.createHsmKey('hsm-1'),
    hsmSection: paths.hsmSection('hsm-1', 'roles'),
    identities: paths.identities(),
    identity: paths.identity('11111111-1111-1111-1111-111111111111'),
    access: paths.access(scope),
    activity: paths.activity(),
    activityOfResource: paths.activity({ resource: scope, event: 'e' }),
    createPostgres: paths.createPostgres(),
    createVault: paths.createVault(),
    createIdentity: paths.createIdentity(),
    deployment: paths.deployment('22222222-2222-2222-2222-222222222222'),
  }).toEqual({
    home: '/',
    fleet: '/fleet',
    resources: '/resources',
    filtered: '/resources?type=vault&group=rg+one',
    servers: '/servers',
    server: '/servers/orders',
    serverDataEncryption: '/servers/orders/data-encryption',
    vaults: '/vaults',
    vault: '/vaults/kv-1',
    vaultKey: '/vaults/kv-1/keys/cmk',
    createVaultKey: '/vaults/kv-1/create-key',
    vaultSection: '/vaults/kv-1/deleted-keys',
    hsms: '/hsms',
    hsm: '/hsms/hsm-1',
    hsmKey: '/hsms/hsm-1/keys/cmk',
    createHsmKey: '/hsms/hsm-1/create-key',
    hsmSection: '/hsms/hsm-1/roles',
    identities: '/identities',
    identity: '/identities/11111111-1111-1111-1111-111111111111',
    access: '/access?scope=%2Fsubscriptions%2Fs%2FresourceGroups%2Fg',
    activity: '/activity',
    activityOfResource: '/activity?resource=%2Fsubscriptions%2Fs%2FresourceGroups%2Fg&event=e',
    createPostgres: '/create/postgres',
    createVault: '/create/vault',
    createIdentity: '/create/identity',
    deployment: '/deployments/22222222-2222-2222-2222-222222222222',
  })
})

test('a key identifier leads to the page of its key, with or without version, in a vault or an HSM', () => {
  expect(pathOfKeyIdentifier('https://kv-1.vault.localhost:8443/keys/cmk')).toBe('/vaults/kv-1/keys/cmk')
  expect(pathOfKeyIdentifier('https://kv-1.vault.azure.net/keys/cmk/0123')).toBe('/vaults/kv-1/keys/cmk')
  expect(pathOfKeyIdentifier('https://pool.managedhsm.localhost:8443/keys/cmk')).toBe('/hsms/pool/keys/cmk')
  expect(pathOfKeyIdentifier('http://kv-1.vault.localhost/keys/cmk')).toBeNull()
  expect(pathOfKeyIdentifier('not a uri')).toBeNull()
})

test('a resource id leads to its page whatever its case; one below it leads to the page of its parent', () => {
  const group = '/subscriptions/s/resourceGroups/g/providers'
  expect(pathOfResource(`${group}/Microsoft.DBforPostgreSQL/flexibleServers/orders`)).toBe('/servers/orders')
  expect(pathOfResource(`${group}/microsoft.keyvault/VAULTS/kv-1`)).toBe('/vaults/kv-1')
  expect(pathOfResource(`${group}/Microsoft.KeyVault/managedHSMs/pool/keys/cmk`)).toBe('/hsms/pool')
  expect(pathOfResource('/subscriptions/s')).toBeNull()
})
