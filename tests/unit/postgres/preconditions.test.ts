import { expect, test } from 'vitest'
import { APP_ERROR_CODES } from '@/server/kernel/errors'
import { CAUSES, canMove, KEY_ACCESS_CAUSES, KEY_CHAIN, SERVER_STATES, TRANSITIONS } from '@/server/postgres/model'
import {
  attributeProblem,
  causeOf,
  firstRefusal,
  judgePreconditions,
  type KeyFacts,
  PRECONDITIONS,
} from '@/server/postgres/rules'

const NOW = new Date('2030-06-01T00:00:00Z')
const DAY = 86_400_000

/** Facts under which every rule holds, required and recommended. */
const good = (): KeyFacts => ({
  role: 'primary',
  server: { tenantId: 't', subscriptionId: 's', location: 'northeurope' },
  keyUri: 'https://v.vault.localhost/keys/k',
  autoUpdate: true,
  identity: { id: '/id/a', name: 'a', tenantId: 't', location: 'northeurope', type: 'UserAssigned' },
  otherIdentityId: null,
  store: {
    kind: 'vault',
    id: '/v',
    name: 'v',
    tenantId: 't',
    subscriptionId: 's',
    location: 'northeurope',
    softDeleteDays: 90,
    purgeProtection: true,
    permissionModel: 'rbac',
    activated: true,
    publicNetworkAccess: true,
    defaultAction: 'Allow',
    trustedBypass: true,
  },
  key: { kid: 'k', kty: 'RSA', keySize: 4096, enabled: true, notBefore: null, expires: null },
  keyNameExists: true,
  access: { ok: true },
  external: false,
  now: NOW,
})

const store = (patch: Partial<NonNullable<KeyFacts['store']>>) => (f: KeyFacts) => ({
  ...f,
  store: { ...f.store!, ...patch },
})
const key = (patch: Partial<NonNullable<KeyFacts['key']>>) => (f: KeyFacts) => ({ ...f, key: { ...f.key!, ...patch } })
const denied =
  (code: 'ForbiddenByRbac' | 'ForbiddenByPolicy') =>
  (f: KeyFacts): KeyFacts => ({ ...f, access: { ok: false, code, message: 'no' } })

test('when everything is in order every rule passes', () => {
  expect(judgePreconditions(good()).filter((r) => r.status !== 'pass')).toEqual([])
})

const BROKEN: [rule: string, severity: 'required' | 'recommended', spoil: (f: KeyFacts) => KeyFacts][] = [
  ['identity-exists', 'required', (f) => ({ ...f, identity: null, access: null })],
  [
    'identities-differ',
    'required',
    (f) => ({ ...f, role: 'geo', otherIdentityId: '/ID/A', store: { ...f.store!, location: 'westeurope' } }),
  ],
  ['store-exists', 'required', (f) => ({ ...f, store: null, key: null, keyNameExists: false, access: null })],
  ['same-tenant', 'required', store({ tenantId: 'other' })],
  ['same-subscription', 'recommended', store({ subscriptionId: 'other' })],
  ['same-region', 'required', store({ location: 'westeurope' })],
  ['soft-delete', 'required', store({ softDeleteDays: 0 })],
  ['retention-90', 'recommended', store({ softDeleteDays: 89 })],
  ['purge-protection', 'required', store({ purgeProtection: false })],
  ['hsm-activated', 'required', store({ kind: 'managedhsm', activated: false })],
  ['trusted-bypass', 'required', store({ defaultAction: 'Deny', trustedBypass: false })],
  ['trusted-bypass', 'required', store({ publicNetworkAccess: false, trustedBypass: false })],
  ['key-exists', 'required', (f) => ({ ...f, key: null, keyNameExists: false, access: null })],
  ['key-exists', 'required', (f) => ({ ...f, key: null, access: null })],
  ['key-rsa', 'required', key({ kty: 'EC', keySize: null })],
  ['key-rsa', 'required', key({ kty: 'oct-HSM', keySize: 256 })],
  ['key-rsa', 'required', key({ keySize: 1024 })],
  ['key-4096', 'recommended', key({ keySize: 2048 })],
  ['key-enabled', 'required', key({ enabled: false })],
  ['key-active', 'required', key({ notBefore: new Date(NOW.getTime() + 1) })],
  ['key-unexpired', 'required', key({ expires: NOW })],
  ['identity-permission', 'required', denied('ForbiddenByRbac')],
  ['identity-permission', 'required', denied('ForbiddenByPolicy')],
  ['identity-region', 'recommended', (f) => ({ ...f, identity: { ...f.identity!, location: 'westeurope' } })],
  ['auto-update', 'recommended', (f) => ({ ...f, autoUpdate: false })],
]

test.each(BROKEN)(
  '%s (%s) is broken by facts that break it alone, with a message that says what to do',
  (id, severity, spoil) => {
    const judged = judgePreconditions(spoil(good()))
    const rule = judged.find((r) => r.id === id)
    expect(rule).toMatchObject({ status: 'fail', severity })
    expect(rule!.message.length).toBeGreaterThan(20)
    const refusal = firstRefusal(judged)
    if (severity === 'required') expect(refusal?.id).toBe(id)
    else expect(refusal).toBeNull()
  },
)

test('every rule is broken by one of the cases above', () => {
  expect(new Set(BROKEN.map(([id]) => id))).toEqual(new Set(PRECONDITIONS.map((r) => r.id)))
})

test('the geo key’s store must be in the paired region', () => {
  const geo: KeyFacts = { ...good(), role: 'geo' }
  expect(judgePreconditions(geo).find((r) => r.id === 'same-region')?.status).toBe('fail')
  const paired = { ...geo, store: { ...geo.store!, location: 'westeurope' } }
  expect(judgePreconditions(paired).find((r) => r.id === 'same-region')?.status).toBe('pass')
})

test('a firewall with trusted bypass does not refuse the service, whether public access is on or off', () => {
  for (const publicNetworkAccess of [true, false]) {
    const facts = store({ defaultAction: 'Deny', publicNetworkAccess, trustedBypass: true })(good())
    expect(firstRefusal(judgePreconditions(facts))).toBeNull()
  }
})

test('an activation date of now and an expiry one millisecond ahead are still good', () => {
  expect(
    firstRefusal(judgePreconditions(key({ notBefore: NOW, expires: new Date(NOW.getTime() + 1) })(good()))),
  ).toBeNull()
})

test('of a store outside the simulation only what it answers is judged', () => {
  const judged = judgePreconditions({ ...good(), external: true, store: null })
  expect(firstRefusal(judged)).toBeNull()
  expect(judged.find((r) => r.id === 'same-region')?.status).toBe('unknown')
})

test('an expired key is refused by the service although a vault would still unwrap with it', () => {
  const attributes = {
    kty: 'RSA',
    keySize: 2048,
    enabled: true,
    notBefore: null,
    expires: new Date(NOW.getTime() - DAY),
  }
  expect(attributeProblem(attributes, NOW)).toBe('KeyExpired')
  expect(attributeProblem({ ...attributes, expires: new Date(NOW.getTime() + DAY) }, NOW)).toBeNull()
})

test('each error code stands for a cause, and each cause names a link of the chain and a way out', () => {
  for (const code of APP_ERROR_CODES) expect(KEY_ACCESS_CAUSES).toContain(causeOf(code))
  for (const cause of KEY_ACCESS_CAUSES) {
    expect(KEY_CHAIN).toContain(CAUSES[cause].link)
    expect(CAUSES[cause].wayOut.length).toBeGreaterThan(10)
  }
})

test('a server can always be left: every state but Dropping has a way on, and Inaccessible leads to Ready', () => {
  for (const state of SERVER_STATES) if (state !== 'Dropping') expect(TRANSITIONS[state].length).toBeGreaterThan(0)
  expect(canMove('Inaccessible', 'Ready')).toBe(true)
  expect(canMove('Ready', 'Provisioning')).toBe(false)
})
