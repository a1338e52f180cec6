import ipaddr from 'ipaddr.js'
import type { Caller, Principal } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { scopeContains } from '@/server/kernel/resource-id'
import {
  findHsmRole,
  HSM_ACTION_PREFIX,
  HSM_ROLES,
  type HsmAssignment,
  type ManagedHsm,
  type NetworkAcls,
} from './model'

/** Whether the caller's network may reach the pool: trusted bypass, public access, IP rules, default, in this order. */
export function networkVerdict(
  { publicNetworkAccess, networkAcls }: Pick<ManagedHsm, 'publicNetworkAccess' | 'networkAcls'>,
  caller: Caller,
): 'allowed' | 'ForbiddenByConnection' | 'ForbiddenByFirewall' {
  if (caller.trustedService && networkAcls.bypass === 'AzureServices') return 'allowed'
  if (!publicNetworkAccess) return 'ForbiddenByConnection'
  if (networkAcls.defaultAction === 'Allow') return 'allowed'
  return networkAcls.ipRules.some((rule) => matchesRule(rule, caller.address)) ? 'allowed' : 'ForbiddenByFirewall'
}

function matchesRule(rule: string, address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const ip = ipaddr.process(address)
  const [base, bits] = ipaddr.parseCIDR(rule)
  return ip.kind() === base.kind() && ip.match(base, bits)
}

export const networkRefusal = (
  code: 'ForbiddenByConnection' | 'ForbiddenByFirewall',
  hsm: ManagedHsm,
  caller: Caller,
) =>
  new AppError(code, {
    publicMessage:
      code === 'ForbiddenByConnection'
        ? `Public network access to the managed HSM ${hsm.name} is disabled and the request is not from a trusted service.`
        : `Client address ${caller.address} is not authorized on the managed HSM ${hsm.name} and caller is not a trusted service.`,
  })

/**
 * Writes single addresses as `/32`.
 * @throws AppError `BadParameter` for what is no IPv4 address or range.
 */
export function normalizeNetworkAcls(acls: NetworkAcls): NetworkAcls {
  const ipRules = acls.ipRules.map((rule) => {
    const cidr = rule.includes('/') ? rule.trim() : `${rule.trim()}/32`
    if (ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return cidr
    throw new AppError('BadParameter', {
      publicMessage: `'${rule}' is not an IPv4 address or range such as 203.0.113.0/24.`,
      field: 'networkAcls.ipRules',
    })
  })
  return { ...acls, ipRules }
}

/** @throws AppError `HsmNotActivated` until the security domain was downloaded. */
export function assertActivated(hsm: Pick<ManagedHsm, 'activatedAt'>): void {
  if (hsm.activatedAt) return
  throw new AppError('HsmNotActivated', {
    publicMessage:
      'Your HSM has been provisioned, but cannot be used for cryptographic operations until it is activated. To activate the HSM, download the security domain.',
  })
}

/** The assignment that lets the principal, or one of its groups, do an action at a local scope. */
export function findAssignment(
  assignments: HsmAssignment[],
  principal: Principal,
  action: string,
  scope: string,
): HsmAssignment | undefined {
  const holders = new Set([principal.objectId, ...principal.groupIds])
  return assignments.find(
    (a) =>
      holders.has(a.principalId) &&
      scopeContains(a.scope, scope) &&
      findHsmRole(a.roleDefinitionId)?.dataActions.includes(action),
  )
}

export const rolesAllowing = (action: string): string[] =>
  HSM_ROLES.filter((role) => role.dataActions.includes(action)).map((role) => role.name)

export const localRefusal = (principal: Principal, action: string, scope: string): AppError =>
  new AppError('ForbiddenByRbac', {
    publicMessage: `User or application with oid ${principal.objectId} does not have permission to perform action ${HSM_ACTION_PREFIX}${action} on resource ${scope}`,
  })
