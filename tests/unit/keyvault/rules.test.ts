import { describe, expect, it } from 'vitest'
import type { Principal } from '@/server/kernel/context'
import type { NetworkAcls } from '@/server/keyvault/contract'
import {
  checkAccessPolicies,
  networkVerdict,
  normalizeNetworkAcls,
  policyAllows,
  withPolicy,
} from '@/server/keyvault/rules'

const acls = (more: Partial<NetworkAcls> = {}): NetworkAcls => ({
  defaultAction: 'Deny',
  bypass: 'AzureServices',
  ipRules: [],
  ...more,
})
const person = (address = '203.0.113.7') => ({ address })
const service = { address: '10.0.0.1', trustedService: 'Azure Database for PostgreSQL flexible server' }

describe('the network rules of a vault', () => {
  it.each([
    ['anyone by default', true, acls({ defaultAction: 'Allow' }), person(), 'allowed'],
    ['nobody whose address is not named', true, acls(), person(), 'ForbiddenByFirewall'],
    ['a named address', true, acls({ ipRules: ['203.0.113.7/32'] }), person(), 'allowed'],
    ['an address in a named range', true, acls({ ipRules: ['203.0.113.0/24'] }), person(), 'allowed'],
    ['no address next to a named range', true, acls({ ipRules: ['203.0.113.0/30'] }), person(), 'ForbiddenByFirewall'],
    ['IPv4 that came in by IPv6', true, acls({ ipRules: ['203.0.113.7/32'] }), person('::ffff:203.0.113.7'), 'allowed'],
    ['no IPv6 by an IPv4 rule', true, acls({ ipRules: ['0.0.0.0/0'] }), person('2001:db8::1'), 'ForbiddenByFirewall'],
    ['trusted services', true, acls(), service, 'allowed'],
    ['no trusted services without bypass', true, acls({ bypass: 'None' }), service, 'ForbiddenByFirewall'],
    ['nobody when public access is off', false, acls({ defaultAction: 'Allow' }), person(), 'ForbiddenByConnection'],
    ['not even named addresses then', false, acls({ ipRules: ['203.0.113.7/32'] }), person(), 'ForbiddenByConnection'],
    ['trusted services even then', false, acls(), service, 'allowed'],
    ['no services then without bypass', false, acls({ bypass: 'None' }), service, 'ForbiddenByConnection'],
  ] as const)('let in %s', (_who, publicNetworkAccess, networkAcls, caller, verdict) => {
    expect(networkVerdict({ publicNetworkAccess, networkAcls: { ...networkAcls } }, caller)).toBe(verdict)
  })

  it('are kept as ranges; private ones and nonsense are refused', () => {
    const { ipRules } = normalizeNetworkAcls(acls({ ipRules: ['203.0.113.7', '198.51.100.0/24', '127.0.0.1'] }))
    expect(ipRules).toEqual(['203.0.113.7/32', '198.51.100.0/24', '127.0.0.1/32'])
    for (const rule of ['10.0.0.1', '192.168.0.0/16', '172.16.0.1', '1.2.3', '1.2.3.4/33', '::1', 'x'])
      expect(() => normalizeNetworkAcls(acls({ ipRules: [rule] })), rule).toThrow(rule)
  })
})

const principal = (objectId: string, groupIds: string[] = []): Principal => ({
  objectId,
  groupIds,
  kind: 'User',
  displayName: 'x',
})
const [A, B, GROUP] = ['aaaaaaaa-0000-4000-8000-000000000000', 'b', 'cccccccc-0000-4000-8000-000000000000'] as const

describe('access policies', () => {
  it('give to the object and to members of a group, without regard to case, and nothing else', () => {
    const policies = [{ objectId: GROUP, keys: ['Get', 'wrapkey'] }]
    expect(policyAllows(policies, principal(A, [GROUP]), 'wrap')).toBe(true)
    expect(policyAllows(policies, principal(GROUP.toUpperCase()), 'get')).toBe(true)
    expect(policyAllows(policies, principal(A, [GROUP]), 'unwrap')).toBe(false)
    expect(policyAllows(policies, principal(B), 'get')).toBe(false)
  })

  it('"all" is all but purge', () => {
    const policies = [{ objectId: A, keys: ['all'] }]
    expect(policyAllows(policies, principal(A), 'remove')).toBe(true)
    expect(policyAllows(policies, principal(A), 'purge')).toBe(false)
  })

  it('are one for each object, and go when nothing is left in them', () => {
    const first = withPolicy([], { objectId: A, keys: ['get'] })
    const second = withPolicy(first, { objectId: A.toUpperCase(), keys: ['list'] })
    expect(second).toEqual([{ objectId: A.toUpperCase(), keys: ['list'] }])
    expect(withPolicy(second, { objectId: A, keys: [] })).toEqual([])
  })

  it('are refused when an object comes twice or a permission is unknown', () => {
    expect(() => checkAccessPolicies([...'ab'].map(() => ({ objectId: A, keys: [] })))).toThrow('two access policies')
    expect(() => checkAccessPolicies([{ objectId: A, keys: ['wrap'] }])).toThrow("'wrap'")
  })
})
