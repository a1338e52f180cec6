import ipaddr from 'ipaddr.js'
import type { Caller, Principal } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import type { KeyRequest } from '@/server/keys/model'
import { type AccessPolicy, KEY_PERMISSIONS, type NetworkAcls } from './contract'
import { DATA_ACTION_PREFIX, VAULT_RIGHTS, type Vault } from './model'

type Walls = Pick<Vault, 'publicNetworkAccess' | 'networkAcls'>

/**
 * Whether the caller's network may reach the data plane: the bypass for trusted services first, then private links, then
 * public access, then IP rules, then the default.
 * @param linked whether the request came by a private endpoint whose connection is approved.
 */
export function networkVerdict(
  { publicNetworkAccess, networkAcls }: Walls,
  caller: Caller,
  linked = false,
): 'allowed' | 'ForbiddenByConnection' | 'ForbiddenByFirewall' {
  if (caller.trustedService && networkAcls.bypass === 'AzureServices') return 'allowed'
  if (linked) return 'allowed'
  // Who comes by an endpoint that is not approved does not come by the public road instead.
  if (caller.privateEndpoint) return 'ForbiddenByConnection'
  if (!publicNetworkAccess) return 'ForbiddenByConnection'
  if (networkAcls.defaultAction === 'Allow') return 'allowed'
  return networkAcls.ipRules.some((rule) => matchesRule(rule, caller.address)) ? 'allowed' : 'ForbiddenByFirewall'
}

function matchesRule(rule: string, address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // `process` turns an IPv4 address that came mapped into IPv6 back.
  const ip = ipaddr.process(address)
  const [base, bits] = ipaddr.parseCIDR(rule.includes('/') ? rule : `${rule}/32`)
  return ip.kind() === base.kind() && ip.match(base, bits)
}

/** The firewall's refusal in Azure's words. */
export function networkRefusal(
  code: 'ForbiddenByConnection' | 'ForbiddenByFirewall',
  vault: Pick<Vault, 'name' | 'location' | 'tenantId'>,
  principal: Principal,
  caller: Caller,
): AppError {
  const who = `Caller: ${describeCaller(principal, vault.tenantId)}\r\nVault: ${vaultTag(vault)}`
  const publicMessage =
    code === 'ForbiddenByConnection'
      ? `${caller.privateEndpoint ? 'Connection is not an approved private link' : 'Public network access is disabled and request is not from a trusted service nor via an approved private link'}.\r\n${who}`
      : `Client address is not authorized and caller is not a trusted service.\r\nClient address: ${caller.address}\r\n${who}`
  return new AppError(code, { publicMessage })
}

const vaultTag = (vault: Pick<Vault, 'name' | 'location'>) => `${vault.name};location=${vault.location}`
const issuer = (tenantId: string) => `https://sts.windows.net/${tenantId}/`

/** `appid=..;oid=..;iss=..` as Key Vault writes callers; a managed identity brings its resource id. */
export function describeCaller(p: Principal, tenantId: string): string {
  const identity = p.mirid ? `;xms_mirid=${p.mirid}` : ''
  return `appid=${p.appId ?? ''};oid=${p.objectId};iss=${issuer(tenantId)}${identity}`
}

/** The RBAC refusal in Azure's words. `scope` is the vault's id, with `/keys/{name}` where a key is meant. */
export const rbacRefusal = (vault: Vault, principal: Principal, request: KeyRequest, scope: string): AppError =>
  new AppError('ForbiddenByRbac', {
    publicMessage: [
      'Caller is not authorized to perform action on resource.',
      'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
      `Caller: ${describeCaller(principal, vault.tenantId)}`,
      `Action: '${DATA_ACTION_PREFIX}${VAULT_RIGHTS[request].dataAction}'`,
      `Resource: '${scope.toLowerCase()}'`,
      'Assignment: (not found)',
      'DenyAssignmentId: null',
      "DecisionReason: 'DeniedWithNoValidRBAC' ",
      `Vault: ${vaultTag(vault)}`,
      '',
    ].join('\r\n'),
  })

/** Whether an access policy gives the permission to the principal or one of its groups. */
export function policyAllows(policies: AccessPolicy[], principal: Principal, request: KeyRequest): boolean {
  const ids = new Set([principal.objectId, ...principal.groupIds].map((id) => id.toLowerCase()))
  const wanted = VAULT_RIGHTS[request].permission.toLowerCase()
  return policies.some((p) => ids.has(p.objectId.toLowerCase()) && p.keys.some((k) => grants(k.toLowerCase(), wanted)))
}

// 'all' never covered purge.
const grants = (given: string, wanted: string) => given === wanted || (given === 'all' && wanted !== 'purge')

export const policyRefusal = (vault: Vault, principal: Principal, request: KeyRequest): AppError =>
  new AppError('ForbiddenByPolicy', {
    publicMessage: `The user, group or application 'appid=${principal.appId ?? ''};oid=${principal.objectId};numgroups=${principal.groupIds.length};iss=${issuer(vault.tenantId)}' does not have keys ${VAULT_RIGHTS[request].permission} permission on key vault '${vaultTag(vault)}'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287`,
  })

const bad = (publicMessage: string, field: string) => new AppError('BadParameter', { publicMessage, field })

/**
 * Checks network rules and writes single addresses as `/32`.
 * @throws AppError `BadParameter` for what is no IPv4 address or range, or is private.
 */
export function normalizeNetworkAcls(acls: NetworkAcls): NetworkAcls {
  return { ...acls, ipRules: acls.ipRules.map(normalizeRule) }
}

function normalizeRule(rule: string): string {
  const text = rule.trim()
  const cidr = text.includes('/') ? text : `${text}/32`
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr))
    throw bad(`'${rule}' is not an IPv4 address or range such as 203.0.113.0/24.`, 'networkAcls.ipRules')
  // SIMULATED: loopback is allowed, because every caller of a cloud on one machine comes from there.
  if (ipaddr.IPv4.parseCIDR(cidr)[0].range() === 'private')
    throw bad(`'${rule}' is a private range; network rules take public addresses only.`, 'networkAcls.ipRules')
  return cidr
}

/** @throws AppError `BadParameter`: what is destroyed at once cannot be kept from being purged. */
export function checkProtection({ softDelete, purgeProtection }: Pick<Vault, 'softDelete' | 'purgeProtection'>): void {
  if (purgeProtection && !softDelete)
    throw bad('Purge protection needs soft delete: switch soft delete on first.', 'purgeProtection')
}

/**
 * Checks access policies: each object once, known permissions.
 * @throws AppError `BadParameter`.
 */
export function checkAccessPolicies(policies: AccessPolicy[]): AccessPolicy[] {
  const seen = new Set<string>()
  for (const { objectId, keys } of policies) {
    if (seen.has(objectId.toLowerCase())) throw bad(`${objectId} has two access policies.`, 'accessPolicies')
    seen.add(objectId.toLowerCase())
    const unknown = keys.find((k) => !isPermission(k))
    if (unknown !== undefined) throw bad(`'${unknown}' is not a key permission.`, 'accessPolicies')
  }
  return policies
}

const isPermission = (text: string) =>
  text.toLowerCase() === 'all' || KEY_PERMISSIONS.some((p) => p.toLowerCase() === text.toLowerCase())

/** The policies with one object's permissions replaced; without permissions its policy goes. */
export function withPolicy(policies: AccessPolicy[], policy: AccessPolicy): AccessPolicy[] {
  const others = policies.filter((p) => p.objectId.toLowerCase() !== policy.objectId.toLowerCase())
  return policy.keys.length ? [...others, policy] : others
}
