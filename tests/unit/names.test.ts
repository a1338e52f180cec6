import { describe, expect, it } from 'vitest'
import { checkGroupName, checkIdentityName } from '@/server/identity/rules'
import { isAppError } from '@/server/kernel/errors'
import { keyName } from '@/server/keys/contract'
import { vaultName } from '@/server/keyvault/contract'
import { normalizeNetworkAcls } from '@/server/keyvault/rules'
import { hsmName } from '@/server/managed-hsm/contract'
import { firewallRule, serverName } from '@/server/postgres/contract'

type Check = (name: string) => boolean
const byWork =
  (work: (name: string) => unknown): Check =>
  (name) => {
    try {
      work(name)
      return true
    } catch (error) {
      if (isAppError(error)) return false
      throw error
    }
  }
const bySchema =
  (schema: { safeParse(value: unknown): { success: boolean } }): Check =>
  (name) =>
    schema.safeParse(name).success
const range = (cidr: string) =>
  normalizeNetworkAcls({ defaultAction: 'Deny', bypass: 'None', ipRules: [cidr] }).ipRules[0]

/** Each kind of name with its lengths, what else is good, and what is not. */
const NAMES: Record<string, { check: Check; lengths: [min: number, max: number]; good: string[]; bad: string[] }> = {
  server: {
    check: bySchema(serverName),
    lengths: [3, 63],
    good: ['a-b', '0ab'],
    bad: ['Abc', 'a_b', '-ab', 'ab-', 'ä-b'],
  },
  vault: {
    check: bySchema(vaultName),
    lengths: [3, 24],
    good: ['Kv-1', 'a0b'],
    bad: ['1ab', 'a--b', 'ab-', '-ab', 'a_b', 'a.b', 'äöü'],
  },
  'managed HSM': { check: bySchema(hsmName), lengths: [3, 24], good: ['Hsm-1'], bad: ['1ab', 'a--b', 'ab-', 'a_b'] },
  key: { check: bySchema(keyName), lengths: [1, 127], good: ['K-1', '-', '9'], bad: ['a_b', 'a.b', 'a b', 'ä'] },
  identity: {
    check: byWork(checkIdentityName),
    lengths: [3, 128],
    good: ['A_b-9', '9ab'],
    bad: ['-ab', '_ab', 'a.b', 'a b', 'äbc'],
  },
  'resource group': {
    check: byWork(checkGroupName),
    lengths: [1, 90],
    good: ['rg_(a)-1.b'],
    bad: ['ends.', 'a b', 'a/b', 'a%b'],
  },
  'firewall rule': {
    check: (name) => firewallRule.safeParse({ name, startIp: '1.1.1.1', endIp: '1.1.1.1' }).success,
    lengths: [1, 80],
    good: ['A_b-9'],
    bad: ['a-', 'a b', 'a.b'],
  },
}

describe.each(Object.entries(NAMES))('the name of a %s', (_kind, { check, lengths: [min, max], good, bad }) => {
  it(`has ${min} to ${max} characters`, () => {
    const lengths = [min - 1, min, max, max + 1]
    expect(lengths.map((n) => check('a'.repeat(n)))).toEqual([false, true, true, false])
  })
  it.each(good)('may be %j', (name) => expect(check(name)).toBe(true))
  it.each(bad)('may not be %j', (name) => expect(check(name)).toBe(false))
})

describe("an address range of a key store's firewall", () => {
  it.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.7/32', '203.0.113.7/32'],
    ['203.0.113.0/24', '203.0.113.0/24'],
    ['8.0.0.0/8', '8.0.0.0/8'],
  ])('%s is kept as %s', (given, kept) => expect(range(given)).toBe(kept))
  it.each([
    '203.0.113.7/33',
    '203.0.113.7/-1',
    '203.0.113.7/',
    '203.0.113.256',
    '203.0.113',
    '::1/128',
    '10.0.0.0/8',
    '',
  ])('%j is refused', (given) => expect(byWork(() => range(given))('')).toBe(false))
})
