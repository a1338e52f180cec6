import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createResourceGroup, createSubscription, createTenant } from '@/server/identity/service'
import { newId } from '@/server/kernel/ids'
import { setAccessPolicy, updateVault, vaultKeys } from '@/server/keyvault/service'
import { activateManagedHsm, createManagedHsm, hsmKeys } from '@/server/managed-hsm/service'
import { type EncryptionInput, keyUriProblem } from '@/server/postgres/contract'
import { PRECONDITIONS } from '@/server/postgres/rules'
import { createServer, preflight } from '@/server/postgres/service'
import { listOperations } from '@/server/workflow/service'
import { hsmInput } from '../support/key-stores'
import { custody, START, SUBSCRIPTION_ID } from '../support/tenant'
import { customerManaged, GROUP, LOCATION, makeVault, serverInput, testWorld, VAULT, vaultIdOf } from '../support/world'

const PAIR = 'westeurope'
const DAY_MS = 86_400_000
const world = await testWorld()
const { keyAccess } = world.engine.wiring
const ctx = await world.ctx()
const identity = await world.makeIdentity('id-rules')
const stranger = await world.makeIdentity('id-stranger')
await world.grant(identity.principalId)
const good = await world.makeKey('good')

const uri = (vault: string, key: string) => `https://${vault}.vault.localhost/keys/${key}`
const withKey = (keyUri: string, identityId = identity.id) => customerManaged(identityId, keyUri, true)

/** A vault that is right but for one thing, with a key that the identity may use. */
async function vaultThat(name: string, more: Parameters<typeof makeVault>[3], location = LOCATION): Promise<string> {
  await makeVault(ctx, name, location, more)
  await world.grant(identity.principalId, vaultIdOf(name))
  return (await world.makeKey('k', name)).versionless
}

/** A key in the good vault that is right but for its attributes. */
async function keyThat(name: string, attributes: object): Promise<string> {
  await world.makeKey(name)
  await vaultKeys(ctx, VAULT).update(name, null, attributes)
  return uri(VAULT, name)
}

async function hsmThat(name: string, activated: boolean): Promise<string> {
  const { id } = await createManagedHsm(ctx, {
    ...hsmInput(name, [identity.principalId]),
    ...{ subscriptionId: SUBSCRIPTION_ID, resourceGroup: GROUP, location: LOCATION },
    ...{ purgeProtection: true, softDeleteDays: 90 },
  })
  const pem = () =>
    generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
  if (activated) {
    await activateManagedHsm(ctx, id, { publicKeys: [pem(), pem(), pem()], quorum: 2 })
    await hsmKeys(ctx, id).create({ name: 'rsa', kty: 'RSA-HSM', keySize: 2048 })
    await hsmKeys(ctx, id).create({ name: 'oct', kty: 'oct-HSM', keySize: 256 })
  }
  return `https://${name}.managedhsm.localhost/keys`
}

async function keyOfAnotherTenant(): Promise<string> {
  const tenantId = newId()
  const tenant = { id: tenantId, name: 'Fabrikam', domain: 'fabrikam.example', startAt: START, rate: 0 }
  await createTenant({ db: world.engine.db, custody }, tenant)
  const theirs = await world.engine.serviceContext(tenantId)
  const subscriptionId = newId()
  await createSubscription(theirs, { id: subscriptionId, name: 'Fabrikam' })
  await createResourceGroup(theirs, { subscriptionId, name: GROUP, location: LOCATION, tags: {} })
  await makeVault(theirs, 'fabrikam-kv', LOCATION, { subscriptionId })
  await vaultKeys(theirs, 'fabrikam-kv').create({ name: 'k', kty: 'RSA', keySize: 2048 })
  return uri('fabrikam-kv', 'k')
}

async function geoWith(keyUri: string, more: { identityId?: string } = {}): Promise<EncryptionInput> {
  const geo = { identityId: more.identityId ?? stranger.id, keyUri, autoUpdate: true }
  return customerManaged(identity.id, good.versionless, true, geo)
}

const inTime = (ms: number) => new Date(ctx.now.getTime() + ms)

type Case = { name: string; rule: string; code?: string; geo?: true; spoilt: () => Promise<EncryptionInput> }

/** Each required rule of the service for customer-managed keys, broken alone by real vaults, HSMs, keys and roles. */
const CASES: Case[] = [
  {
    name: 'an identity that does not exist',
    rule: 'identity-exists',
    code: 'CMKInvalidEncryptionParameters',
    spoilt: async () => withKey(good.versionless, identity.id.replace('id-rules', 'id-nobody')),
  },
  {
    name: 'a vault that does not exist',
    rule: 'store-exists',
    code: 'AzureKeyVaultKeyNotFound',
    spoilt: async () => withKey(uri('nowhere-kv', 'k')),
  },
  { name: 'a vault of another tenant', rule: 'same-tenant', spoilt: async () => withKey(await keyOfAnotherTenant()) },
  {
    name: 'a vault in another region',
    rule: 'same-region',
    code: 'AzureKeyVaultMismatchError',
    spoilt: async () => withKey(await vaultThat('far-kv', {}, PAIR)),
  },
  {
    name: 'a second vault that is not in the paired region',
    rule: 'same-region',
    code: 'AzureKeyVaultMismatchError',
    geo: true,
    spoilt: () => geoWith(good.versionless),
  },
  {
    name: 'a vault without soft delete',
    rule: 'soft-delete',
    code: 'SecurityInvalidAzureKeyVaultRecoveryLevel',
    spoilt: async () => withKey(await vaultThat('old-kv', { softDelete: false, purgeProtection: false })),
  },
  {
    name: 'a vault without purge protection',
    rule: 'purge-protection',
    code: 'SecurityInvalidAzureKeyVaultRecoveryLevel',
    spoilt: async () => withKey(await vaultThat('bare-kv', { purgeProtection: false })),
  },
  {
    name: 'a Managed HSM that is not activated',
    rule: 'hsm-activated',
    spoilt: async () => withKey(`${await hsmThat('asleep-hsm', false)}/k`),
  },
  {
    name: 'a firewall that trusted services may not bypass',
    rule: 'trusted-bypass',
    code: 'AzureKeyVaultConnectionFailed',
    spoilt: async () => {
      const key = await vaultThat('walled-kv', {})
      const networkAcls = { defaultAction: 'Deny' as const, bypass: 'None' as const, ipRules: [] }
      await updateVault(ctx, vaultIdOf('walled-kv'), { networkAcls })
      return withKey(key)
    },
  },
  {
    name: 'a key that does not exist',
    rule: 'key-exists',
    code: 'AzureKeyVaultKeyNameNotFound',
    spoilt: async () => withKey(uri(VAULT, 'none')),
  },
  {
    name: 'a version that does not exist',
    rule: 'key-exists',
    code: 'AzureKeyVaultKeyNameNotFound',
    spoilt: async () => customerManaged(identity.id, `${good.versionless}/${'0'.repeat(32)}`, false),
  },
  {
    name: 'an EC key',
    rule: 'key-rsa',
    code: 'AzureKeyVaultRsaKeyNotSupported',
    spoilt: async () => {
      await vaultKeys(ctx, VAULT).create({ name: 'curve', kty: 'EC', crv: 'P-256' })
      return withKey(uri(VAULT, 'curve'))
    },
  },
  {
    name: 'a symmetric key of a Managed HSM',
    rule: 'key-rsa',
    code: 'AzureKeyVaultRsaKeyNotSupported',
    spoilt: async () => withKey(`${await hsmThat('awake-hsm', true)}/oct`),
  },
  {
    name: 'a disabled key',
    rule: 'key-enabled',
    code: 'AzureKeyVaultKeyDisabled',
    spoilt: async () => withKey(await keyThat('disabled', { enabled: false })),
  },
  {
    name: 'a key that is not active yet',
    rule: 'key-active',
    spoilt: async () => withKey(await keyThat('early', { notBefore: inTime(DAY_MS) })),
  },
  {
    name: 'a key that has expired',
    rule: 'key-unexpired',
    spoilt: async () => withKey(await keyThat('late', { expires: inTime(-1000) })),
  },
  {
    name: 'an identity without the role',
    rule: 'identity-permission',
    code: 'AzureKeyVaultKeyNotFound',
    spoilt: async () => withKey(good.versionless, stranger.id),
  },
  {
    name: 'an access policy without unwrapKey',
    rule: 'identity-permission',
    code: 'AzureKeyVaultKeyNotFound',
    spoilt: async () => {
      await makeVault(ctx, 'policy-kv', LOCATION, { rbac: false })
      const keys = ['get', 'list', 'wrapKey']
      await setAccessPolicy(ctx, vaultIdOf('policy-kv'), { objectId: identity.principalId, keys })
      return withKey((await world.makeKey('k', 'policy-kv')).versionless)
    },
  },
  {
    name: 'a Managed HSM in which the identity has no local role',
    rule: 'identity-permission',
    code: 'AzureKeyVaultKeyNotFound',
    spoilt: async () => withKey(`${await hsmThat('strange-hsm', true)}/rsa`, stranger.id),
  },
]

test.each(CASES)('$name is refused before Create and again by the server, by the rule $rule', async (c) => {
  const encryption = await c.spoilt()
  const name = `refused-${CASES.indexOf(c)}`
  const [primary, geo] = await preflight(ctx, keyAccess, {
    ...{ subscriptionId: SUBSCRIPTION_ID, location: LOCATION },
    encryption,
  })
  const shown = (c.geo ? geo! : primary!).rules.find((r) => r.severity === 'required' && r.status === 'fail')
  expect(shown).toMatchObject({ id: c.rule, code: c.code ?? null })
  const role = c.geo ? 'geo' : 'primary'
  // The form is bypassed: what it would have sent goes to the service.
  await expect(createServer(ctx, keyAccess, serverInput(name, encryption, c.geo))).rejects.toMatchObject({
    code: 'PreconditionFailed',
    vendorCode: c.code,
    field: `encryption.${role}.${shown!.field}`,
    publicMessage: `${shown!.title}: ${shown!.message}`,
    fields: { rule: c.rule },
  })
  expect(await world.engine.db.server.count({ where: { name } })).toBe(0)
  const resourceId = (await listOperations(ctx, { limit: 200 })).map((o) => o.resourceId)
  expect(resourceId.filter((id) => id.endsWith(`/${name}`))).toEqual([])
})

/** Broken by the form's own words: nothing needs to be asked of a key store. */
const BY_FORM: [name: string, field: string, geoRedundant: boolean, spoilt: () => Promise<EncryptionInput>][] = [
  [
    'the same identity for both regions',
    'encryption.geo.identityId',
    true,
    () => geoWith(good.versionless, { identityId: identity.id.toUpperCase() }),
  ],
  [
    'geo-redundant backup without a second key',
    'encryption.geo',
    true,
    async () => customerManaged(identity.id, good.pinned, false),
  ],
  ['a second key without geo-redundant backup', 'encryption.geo', false, () => geoWith(good.versionless)],
  [
    'a version with automatic update',
    'encryption.primary.keyUri',
    false,
    async () => customerManaged(identity.id, good.pinned, true),
  ],
  [
    'no version without automatic update',
    'encryption.primary.keyUri',
    false,
    async () => customerManaged(identity.id, good.versionless, false),
  ],
  [
    'a key with a service-managed key',
    'encryption.type',
    false,
    async () => ({ ...customerManaged(identity.id, good.pinned, false), type: 'SystemManaged' }),
  ],
]

test.each(BY_FORM)('%s is refused at the field %s when the form is bypassed', async (_name, field, geo, spoilt) => {
  const input = serverInput('refused-form', await spoilt(), geo)
  await expect(createServer(ctx, keyAccess, input)).rejects.toMatchObject({ code: 'InvalidParameterValue', field })
})

test('every required rule is broken by one of the cases above', () => {
  const broken = new Set(CASES.map((c) => c.rule))
  // Two equal identities do not get as far as that: the form's rule refuses them.
  broken.add('identities-differ')
  const required = PRECONDITIONS.filter((r) => r.severity === 'required').map((r) => r.id)
  expect([...broken].sort()).toEqual(required.sort())
  expect(keyUriProblem(good.pinned, false)).toBeNull()
})

test('with everything in order nothing is refused, and what is only recommended is told apart', async () => {
  const encryption = customerManaged(identity.id, good.pinned, false)
  const [view] = await preflight(ctx, keyAccess, {
    ...{ subscriptionId: SUBSCRIPTION_ID, location: LOCATION },
    encryption,
  })
  const failed = view!.rules.filter((r) => r.status !== 'pass').map((r) => [r.id, r.severity])
  expect(failed).toEqual([
    ['key-4096', 'recommended'],
    ['auto-update', 'recommended'],
  ])
  await createServer(ctx, keyAccess, serverInput('all-in-order', encryption))
})
