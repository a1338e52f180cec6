import { expect, test } from 'vitest'
import { hsmFaults, tabOf as hsmTabOf, newHsmDraft } from '@/components/keyvault/create-hsm-draft'
import {
  importFaults,
  isRsa,
  keyFaults,
  keyTypes,
  newImportDraft,
  newKeyDraft,
  toImportedKey,
  toNewKey,
} from '@/components/keyvault/create-key-draft'
import { tabOf, toCreateStore } from '@/components/keyvault/create-store-draft'
import { newVaultDraft, TABS, vaultFaults } from '@/components/keyvault/create-vault-draft'
import { holdersIn } from '@/components/keyvault/holder-files'
import { impactTitle } from '@/components/keyvault/impact-text'
import { keyStatus } from '@/components/keyvault/key-status'
import { blocksServers, draftOfNetwork, networkSaysOf, patchOfNetwork } from '@/components/keyvault/network-draft'
import { losesServerRights, PERMISSION_GROUPS, TEMPLATES } from '@/components/keyvault/policy-templates'
import { refusalExplanation } from '@/components/keyvault/refusal-text'
import {
  describePolicy,
  draftOfPolicy,
  NO_POLICY,
  PROPOSAL,
  parseSpan,
  policyOfDraft,
} from '@/components/keyvault/rotation-draft'
import { harmOf, isUnchanged, type VersionDraft, versionPatch } from '@/components/keyvault/version-draft'
import { fromInput, toInput } from '@/components/portal/instant-input'
import { VAULT_LIMITS } from '@/server/keys/model'
import { checkRotationPolicy } from '@/server/keys/rules'
import { createVaultInput, KEY_PERMISSIONS } from '@/server/keyvault/contract'

const NOW = Date.parse('2026-11-24T12:00:00.000Z')
const before: VersionDraft = {
  enabled: true,
  notBefore: null,
  expires: null,
  keyOps: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'],
}
const harm = (patch: Partial<VersionDraft>) => harmOf(before, { ...before, ...patch }, NOW)

test('disabling, expiring at once, activating later and forbidding to unwrap are asked about as harm that comes now', () => {
  const now = { from: 'now' }
  expect(harm({ enabled: false })).toEqual(now)
  expect(harm({ expires: '2026-11-24T12:00:00.000Z' })).toEqual(now)
  expect(harm({ notBefore: '2026-11-24T12:00:01.000Z' })).toEqual(now)
  expect(harm({ keyOps: ['encrypt', 'decrypt', 'wrapKey'] })).toEqual(now)
})

test('an expiry date in the future is asked about with the day on which it strikes', () => {
  expect(harm({ expires: '2027-01-01T00:00:00.000Z' })).toEqual({ from: '2027-01-01T00:00:00.000Z' })
})

test('what takes nothing from a server is saved without a question', () => {
  expect(harm({})).toBeNull()
  expect(harm({ notBefore: '2026-11-24T12:00:00.000Z' })).toBeNull()
  expect(harm({ keyOps: ['wrapKey', 'unwrapKey'] })).toBeNull()
  const disabled = { ...before, enabled: false, expires: '2026-01-01T00:00:00.000Z' }
  expect(harmOf(disabled, { ...disabled, enabled: true, expires: null }, NOW)).toBeNull()
})

test('only what differs is sent, and the order of operations is no difference', () => {
  expect(versionPatch(before, { ...before, enabled: false })).toEqual({ enabled: false })
  expect(isUnchanged(versionPatch(before, { ...before, keyOps: [...before.keyOps].reverse() }))).toBe(true)
})

test('the status of a version follows the clock: disabled before expired before not yet active', () => {
  const at = (patch: Partial<VersionDraft>) => keyStatus({ ...before, ...patch }, NOW)
  expect(at({})).toBe('Enabled')
  expect(at({ enabled: false, expires: '2026-01-01T00:00:00.000Z' })).toBe('Disabled')
  expect(at({ expires: '2026-11-24T12:00:00.000Z' })).toBe('Expired')
  expect(at({ notBefore: '2026-11-24T12:00:01.000Z' })).toBe('Not yet active')
})

test('a date and time survives the box of the browser to the minute, in UTC', () => {
  expect(fromInput(toInput('2026-11-24T12:34:00.000Z'))).toBe('2026-11-24T12:34:00.000Z')
  expect(fromInput('2026-11-24T12:34:56')).toBe('2026-11-24T12:34:56.000Z')
})

test('the proposed rotation policy is one that a vault takes, and survives the form', () => {
  const policy = policyOfDraft(PROPOSAL, true)
  expect(() => checkRotationPolicy(policy, VAULT_LIMITS.rotation)).not.toThrow()
  expect(policy).toEqual({
    expiryTime: 'P2Y',
    rotate: { timeAfterCreate: 'P18M', timeBeforeExpiry: null },
    notifyBeforeExpiry: 'P30D',
  })
  expect(draftOfPolicy(policy)).toEqual(PROPOSAL)
  expect(describePolicy(policy)).toBe(
    'A new version 18 months after the last one; each version expires 2 years after its creation.',
  )
})

test('without auto rotation nothing rotates, without expiry nothing is notified, and an HSM never notifies', () => {
  expect(policyOfDraft({ ...PROPOSAL, auto: false }, true).rotate).toBeNull()
  expect(policyOfDraft({ ...PROPOSAL, expiry: null }, true).notifyBeforeExpiry).toBeNull()
  expect(policyOfDraft(PROPOSAL, false).notifyBeforeExpiry).toBeNull()
  expect(describePolicy(null)).toBe('Not configured')
  expect(parseSpan('PT5M')).toBeNull()
})

test('a store offers the key types that it makes', () => {
  expect(keyTypes({ type: 'managedhsm', name: 'h' }, false)).toEqual(['RSA-HSM', 'EC-HSM', 'oct-HSM'])
  expect(keyTypes({ type: 'vault', name: 'v' }, false)).toEqual(['RSA', 'EC'])
  expect(keyTypes({ type: 'vault', name: 'v' }, true).filter(isRsa)).toEqual(['RSA', 'RSA-HSM'])
})

test('a new key is faulted for its name, a name that is taken, its dates and nameless tags', () => {
  const draft = { ...newKeyDraft('RSA'), name: 'cmk' }
  expect(keyFaults(draft, [])).toEqual({})
  expect(Object.keys(keyFaults({ ...draft, name: 'a b' }, []))).toEqual(['name'])
  expect(Object.keys(keyFaults(draft, ['CMK']))).toEqual(['name'])
  const dates = { notBefore: '2026-11-24T00:00:00.000Z', expires: '2026-11-24T00:00:00.000Z' }
  expect(Object.keys(keyFaults({ ...draft, ...dates }, []))).toEqual(['expires'])
  expect(Object.keys(keyFaults({ ...draft, tags: [{ name: '', value: 'x' }] }, []))).toEqual(['tags'])
})

test('an RSA key is sent without a curve and an EC key without a size', () => {
  const store = { type: 'vault', name: 'v' } as const
  expect(toNewKey(store, newKeyDraft('RSA'))).toMatchObject({ keySize: 2048, crv: null })
  expect(toNewKey(store, newKeyDraft('EC'))).toMatchObject({ keySize: null, crv: 'P-256' })
})

test('network rules survive the form, and rules outlive a change to another kind of access', () => {
  const walls = {
    publicNetworkAccess: true,
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', ipRules: ['203.0.113.0/24'] },
  } as const
  const vault = { ...walls, networkAcls: { ...walls.networkAcls, ipRules: [...walls.networkAcls.ipRules] } }
  expect(patchOfNetwork(draftOfNetwork(vault))).toEqual(vault)
  const off = patchOfNetwork({ ...draftOfNetwork(vault), access: 'none' })
  expect(off).toMatchObject({ publicNetworkAccess: false, networkAcls: { ipRules: ['203.0.113.0/24'] } })
})

test('servers are kept out exactly when a closed firewall has no exception for trusted services', () => {
  const blocked = (['all', 'selected', 'none'] as const).flatMap((access) =>
    [true, false].filter((bypass) => blocksServers({ access, bypass, ipRules: [] })).map((bypass) => [access, bypass]),
  )
  expect(blocked).toEqual([
    ['selected', false],
    ['none', false],
  ])
  expect(networkSaysOf({ access: 'none', bypass: true, ipRules: [] })).toContain('Servers are not affected')
  expect(networkSaysOf({ access: 'none', bypass: false, ipRules: [] })).toContain('Servers are blocked')
})

test('a refusal by the firewall says whether servers are blocked too', () => {
  expect(refusalExplanation('ForbiddenByFirewall', true)).toContain('Servers are not blocked')
  expect(refusalExplanation('ForbiddenByConnection', false)).toContain('Servers are blocked as well')
  expect(refusalExplanation('ForbiddenByRbac', true)).toContain('Owner included')
})

test('the permission groups hold every key permission once, and the template holds what a server needs', () => {
  expect(Object.values(PERMISSION_GROUPS).flat().sort()).toEqual([...KEY_PERMISSIONS].sort())
  expect(TEMPLATES['Customer-managed key of a server']).toEqual(['get', 'list', 'wrapKey', 'unwrapKey'])
})

test('taking away what a server needs is asked about; taking away anything else is not', () => {
  expect(losesServerRights(['get', 'unwrapKey'], ['get'])).toBe(true)
  expect(losesServerRights(['all'], ['get', 'list', 'wrapKey', 'unwrapKey'])).toBe(false)
  expect(losesServerRights(['get', 'sign'], ['get'])).toBe(false)
})

test('a new vault is proposed as a customer-managed key needs it, and is one that the service takes', () => {
  const draft = newVaultDraft({
    subscriptionId: '11111111-1111-4111-8111-111111111111',
    resourceGroup: 'rg',
    location: 'northeurope',
  })
  expect(Object.keys(vaultFaults(draft))).toEqual(['name'])
  const input = toCreateStore({ ...draft, name: 'kv-1', tags: [{ name: '', value: 'dropped' }] })
  expect(createVaultInput.parse(input)).toMatchObject({
    purgeProtection: true,
    rbac: true,
    softDeleteDays: 90,
    tags: {},
  })
})

test('each fault of a new vault is shown on a tab that has its field', () => {
  expect(['name', 'softDeleteDays', 'location'].map(tabOf)).toEqual(['Basics', 'Basics', 'Basics'])
  expect(tabOf('networkAcls.ipRules')).toBe('Networking')
  expect(TABS).toContain(tabOf('tags'))
})

test('the impact of a change is counted in words', () => {
  expect(impactTitle(1)).toBe('1 server becomes Inaccessible')
  expect(impactTitle(14)).toBe('14 servers become Inaccessible')
})

test('a key exchange key can do nothing but import, and only one of type RSA-HSM is sent as such', () => {
  const store = { type: 'vault', name: 'v' } as const
  const draft = { ...newKeyDraft('RSA-HSM'), exchange: true }
  expect(toNewKey(store, draft)).toMatchObject({ keyOps: ['import'] })
  expect(toNewKey(store, { ...draft, kty: 'RSA' })).not.toHaveProperty('keyOps')
})

test('a symmetric key is sent with a size of its own and without a curve', () => {
  const store = { type: 'managedhsm', name: 'h' } as const
  expect(toNewKey(store, newKeyDraft('oct-HSM'))).toMatchObject({ keySize: 256, crv: null })
})

test('an import needs a file, and a managed HSM takes it into hardware without being asked', () => {
  const draft = { ...newImportDraft(), name: 'own' }
  expect(Object.keys(importFaults(draft))).toEqual(['file'])
  expect(importFaults({ ...draft, file: { name: 'own.pem', base64: 'AA==' } })).toEqual({})
  expect(toImportedKey({ type: 'managedhsm', name: 'h' }, draft).hardware).toBe(true)
  expect(toImportedKey({ type: 'vault', name: 'v' }, draft).hardware).toBe(false)
})

test('a new managed HSM is proposed with its maker as administrator, and each fault shows on a tab that has its field', () => {
  const place = { subscriptionId: '11111111-1111-4111-8111-111111111111', resourceGroup: 'rg', location: 'northeurope' }
  const draft = { ...newHsmDraft(place, '22222222-2222-4222-8222-222222222222'), name: 'hsm-one' }
  expect(hsmFaults(draft)).toEqual({})
  const nobody = hsmFaults({ ...draft, adminObjectIds: [] })
  expect(Object.keys(nobody).map(hsmTabOf)).toEqual(['Administrators'])
  expect(Object.keys(hsmFaults({ ...draft, name: 'x', softDeleteDays: 1 })).map(hsmTabOf)).toEqual(['Basics', 'Basics'])
})

test('a policy of which nothing is left reads as none', () => {
  expect(describePolicy(NO_POLICY)).toBe('Not configured')
  expect(draftOfPolicy(NO_POLICY)).toEqual(PROPOSAL)
})

test('holders are read from their files: certificates and public keys, three boxes at least, and no private key', () => {
  const block = (kind: string) => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----`
  const bundle = `${block('PRIVATE KEY')}\n${block('CERTIFICATE')}\n${block('PUBLIC KEY')}`
  expect(holdersIn([bundle, 'nothing'])).toEqual([block('CERTIFICATE'), block('PUBLIC KEY'), ''])
  expect(holdersIn(Array(12).fill(block('CERTIFICATE')))).toHaveLength(10)
})
