import { expect, test } from 'vitest'
import { evidenceLabel, evidenceText, isInstant } from '@/components/postgres/server/evidence'
import type { EncryptionView, KeyUseView } from '@/server/postgres/contract'
import { CAUSES, KEY_ACCESS_CAUSES, KEY_CHAIN, type KeyAccessCause } from '@/server/postgres/model'
import { brokenLink, keyChain } from '@/server/queries/key-case'

const VERSION = '0123456789abcdef0123456789abcdef'
const use = (patch: Partial<KeyUseView> = {}): KeyUseView => ({
  identityId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1',
  identityName: 'id-1',
  principalId: '11111111-1111-1111-1111-111111111111',
  keyUri: 'https://kv-1.vault.localhost/keys/cmk',
  autoUpdate: true,
  wrappedByKid: `https://kv-1.vault.localhost/keys/cmk/${VERSION}`,
  wrappedAt: null,
  algorithm: null,
  envelopeSequence: null,
  wrappedPreview: null,
  keyCheckValue: null,
  status: 'Invalid',
  ...patch,
})

const failing = (cause: KeyAccessCause, patch: Partial<EncryptionView> = {}): EncryptionView => ({
  type: 'AzureKeyVault',
  primary: use(),
  geo: null,
  members: [],
  checkedAt: null,
  nextCheckAt: null,
  keyAccess: {
    accessible: false,
    cause,
    broken: CAUSES[cause].link,
    role: 'primary',
    message: 'm',
    evidence: {},
    since: '2026-11-24T00:00:00.000Z',
  },
  ...patch,
})

test('a server that reaches its key shows every link working, one never checked shows none tested', () => {
  const kid = use().wrappedByKid!
  expect(new Set(keyChain({ keyAccess: { accessible: true, kid } }).map((l) => l.status))).toEqual(new Set(['ok']))
  expect(new Set(keyChain({ keyAccess: null }).map((l) => l.status))).toEqual(new Set(['untested']))
})

test('whatever the cause, links before the broken one work and links behind it are untested', () => {
  for (const cause of KEY_ACCESS_CAUSES) {
    const chain = keyChain(failing(cause))
    const at = chain.findIndex((l) => l.status === 'broken')
    expect(chain.map((l) => l.link)).toEqual([...KEY_CHAIN])
    expect(chain[at]?.link).toBe(CAUSES[cause].link)
    expect(chain.slice(0, at).every((l) => l.status === 'ok')).toBe(true)
    expect(chain.slice(at + 1).every((l) => l.status === 'untested')).toBe(true)
  }
})

test('every cause but a purged store and a corrupt envelope leads to a page where it can be mended', () => {
  const without = KEY_ACCESS_CAUSES.filter((cause) => brokenLink(failing(cause))?.page === null)
  expect(without).toEqual(['VaultPurged', 'EnvelopeCorrupt'])
})

test('no button sets a date, switches a key or activates an HSM for a person', () => {
  const byHand = KEY_ACCESS_CAUSES.filter((cause) => brokenLink(failing(cause))?.kind === null)
  expect(byHand).toEqual([
    'IdentityReplaced',
    'VaultPurged',
    'HsmNotActivated',
    'RolePropagating',
    'KeyPurged',
    'KeyVersionMissing',
    'KeyExpired',
    'KeyNotYetValid',
    'KeyTypeUnsupported',
    'OperationNotPermitted',
    'EnvelopeCorrupt',
    'Unreachable',
  ])
})

test('what is mended is the version that wraps the data key, not the one that the server is pinned to', () => {
  const pinned = use({ keyUri: `https://kv-1.vault.localhost/keys/cmk/${'f'.repeat(32)}`, autoUpdate: false })
  expect(brokenLink(failing('KeyDisabled', { primary: pinned }))?.target.version).toBe(VERSION)
})

test('a broken key of the geo-redundant backup is mended in its own store', () => {
  const geo = use({ keyUri: 'https://kv-2.vault.localhost/keys/geo', wrappedByKid: null })
  const view = failing('KeyDeleted', { geo })
  const broken = brokenLink({ ...view, keyAccess: { ...view.keyAccess!, role: 'geo' } as EncryptionView['keyAccess'] })
  expect(broken?.target).toMatchObject({ storeName: 'kv-2', keyName: 'geo', version: null })
})

test('nobody is offered to mend a key that the service manages', () => {
  expect(brokenLink(failing('KeyDisabled', { type: 'SystemManaged' }))).toMatchObject({ page: null, kind: null })
})

test('evidence is shown in words: names for ids, yes and no, instants apart', () => {
  expect(evidenceLabel('keyStore')).toBe('Key store')
  expect(evidenceLabel('somethingNew')).toBe('Something new')
  expect(evidenceText('/subscriptions/s/resourceGroups/g/providers/a/b/id-1')).toBe('id-1')
  expect(evidenceText('false')).toBe('No')
  expect(isInstant('2026-11-24T01:10:53.000Z')).toBe(true)
  expect(isInstant('2026-11-24')).toBe(false)
})
