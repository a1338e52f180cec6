import type { Principal } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { scopeContains } from '@/server/kernel/resource-id'
import type { Permission } from './contract'
import {
  type ActionKind,
  BUILT_IN_ROLES,
  type Grant,
  RESTORABLE_DAYS,
  type ResourceLock,
  type RoleDefinition,
  USER_CODE_ALPHABET,
} from './model'

/** How many roles a sentence names before it becomes a list nobody reads. */
const NAMED_ROLES = 3
const DAY_MS = 86_400_000

const compiled = new Map<string, RegExp>()
const ANY = '*'
/** Between two slashes a star also stands for nothing: `vaults`, star, `read` covers `vaults/read`. */
const ANY_SEGMENTS = `/${ANY}/`

function compile(pattern: string): RegExp {
  const source = pattern.replace(/\/\*\/|[\\^$.|?+()[\]{}*]/g, (part) =>
    part === ANY_SEGMENTS ? '/(?:.*/)?' : part === ANY ? '.*' : `\\${part}`,
  )
  return new RegExp(`^${source}$`, 'is')
}

/**
 * Whether an action pattern covers an action: without case, a star stands for any text, slashes included.
 * @see Azure RBAC, Understand role definitions
 */
export function matchesAction(pattern: string, action: string): boolean {
  const known = compiled.get(pattern) ?? compile(pattern)
  compiled.set(pattern, known)
  return known.test(action)
}

/** Whether a role covers an action; its `notActions` subtract from this role only, never from another. */
export function roleAllows(role: RoleDefinition, kind: ActionKind, action: string): boolean {
  if (!role[kind].some((pattern) => matchesAction(pattern, action))) return false
  return kind === 'dataActions' || !role.notActions.some((pattern) => matchesAction(pattern, action))
}

/** The first grant that covers the action at the target or above it. */
export const findGrant = (grants: Grant[], kind: ActionKind, action: string, target: string): Grant | undefined =>
  grants.find((g) => scopeContains(g.scope, target) && roleAllows(g.role, kind, action))

/** The roles that would cover an action, least privileged first. */
export const rolesAllowing = (kind: ActionKind, action: string): RoleDefinition[] =>
  BUILT_IN_ROLES.filter((role) => roleAllows(role, kind, action))

/** Whether an assignment counts at `now`: it has taken effect and does not yet cease. */
export const isInForce = (assignment: { effectiveAt: Date; ceasesAt: Date | null }, now: Date): boolean =>
  assignment.effectiveAt <= now && (assignment.ceasesAt === null || assignment.ceasesAt > now)

/** Whether the grants let their holder give or take this role at this scope. */
export const mayManageRole = (grants: Grant[], action: string, roleId: string, scope: string): boolean =>
  grants.some(
    ({ role, scope: at }) =>
      scopeContains(at, scope) &&
      roleAllows(role, 'actions', action) &&
      (role.assignableRoleIds === undefined || role.assignableRoleIds.includes(roleId)),
  )

/** The scopes at which the grants cover an action. */
export const scopesAllowing = (grants: Grant[], kind: ActionKind, action: string): string[] => [
  ...new Set(grants.filter((g) => roleAllows(g.role, kind, action)).map((g) => g.scope)),
]

/** "A", "A or B", "A, B or C"; three at most. */
export function listRoleNames(names: string[]): string {
  const shown = names.slice(0, NAMED_ROLES)
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`
}

const KINDS: Record<string, string> = {
  subscriptions: 'the subscription',
  resourcegroups: 'the resource group',
  vaults: 'the key vault',
  keys: 'the key',
  managedhsms: 'the managed HSM',
  flexibleservers: 'the server',
  userassignedidentities: 'the managed identity',
}

/** A scope as people name it: `the key vault kv-prod`. */
export function describeScope(scope: string): string {
  const [kind, name] = scope.split('/').filter(Boolean).slice(-2)
  if (!kind || !name) return 'the whole tenant'
  return `${KINDS[kind.toLowerCase()] ?? kind} ${name}`
}

/** The answer for a button: allowed, or why not and which roles would do. */
export function toPermission(allowed: boolean, missing: RoleDefinition[], scope: string): Permission {
  if (allowed) return { allowed: true }
  const missingRoles = missing.map((r) => r.name)
  const reason = missingRoles.length
    ? `You need the role ${listRoleNames(missingRoles)} on ${describeScope(scope)}.`
    : `No role allows this on ${describeScope(scope)}.`
  return { allowed: false, reason, missingRoles }
}

/** Azure's refusal of a control-plane action, followed by the roles that would allow it. */
export function authorizationFailed(principal: Principal, action: string, scope: string, reason?: string): AppError {
  const client = principal.upn ?? principal.appId ?? principal.displayName
  const roles = rolesAllowing('actions', action).map((r) => r.name)
  const help = reason ?? (roles.length ? `The role ${listRoleNames(roles)} on ${describeScope(scope)} allows it.` : '')
  return new AppError('AuthorizationFailed', {
    publicMessage:
      `The client '${client}' with object id '${principal.objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials. ${help}`.trim(),
  })
}

/** Whether a deleted directory object can still be restored at `now`: until 30 days after its deletion. */
export const isRestorable = (deletedAt: Date, now: Date): boolean =>
  now.getTime() < deletedAt.getTime() + RESTORABLE_DAYS * DAY_MS

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whether a text is a GUID: what is none names nothing in the directory. */
export const isGuid = (text: string): boolean => GUID.test(text)

const IDENTITY_NAME = /^[0-9a-zA-Z][0-9a-zA-Z_-]{2,127}$/

/** @throws AppError `BadParameter` for a name that Azure refuses (3 to 128 letters, digits, `-`, `_`). */
export function checkIdentityName(name: string): void {
  if (IDENTITY_NAME.test(name)) return
  throw new AppError('BadParameter', {
    field: 'name',
    publicMessage:
      'An identity name has 3 to 128 characters: letters, digits, hyphens and underscores, starting with a letter or digit.',
  })
}

const GROUP_NAME = /^[-\w.()]{0,89}[-\w()]$/

/** @throws AppError `BadParameter` for a resource group name that Azure refuses. */
export function checkGroupName(name: string): void {
  if (GROUP_NAME.test(name)) return
  throw new AppError('BadParameter', {
    field: 'name',
    publicMessage:
      'A resource group name has 1 to 90 letters, digits, hyphens, underscores, periods and parentheses, and does not end in a period.',
  })
}

/** The locks that hold for a scope: its own and those above it. */
export const locksAt = (locks: ResourceLock[], scope: string): ResourceLock[] =>
  locks.filter((lock) => scopeContains(lock.scope, scope))

/**
 * The lock that forbids a control-plane action. CanNotDelete forbids deletions, ReadOnly all that is not a read; what
 * lies below counts for deletions too. Locks themselves, the simulation and the check of a linked identity are exempt.
 * @see Azure Resource Manager, lock resources
 */
export function findBlockingLock(locks: ResourceLock[], action: string, scope: string): ResourceLock | undefined {
  if (/\/read$|^Microsoft\.Authorization\/locks\/|^Portcullis\.|\/assign\/action$/i.test(action)) return undefined
  if (!/\/delete$/i.test(action)) return locksAt(locks, scope).find((lock) => lock.level === 'ReadOnly')
  return locks.find((lock) => scopeContains(lock.scope, scope) || scopeContains(scope, lock.scope))
}

/** Azure's refusal of what a lock forbids. */
export function scopeLocked(lock: ResourceLock, action: string, scope: string): AppError {
  const verb = /\/delete$/i.test(action) ? 'delete' : 'write'
  return new AppError('ScopeLocked', {
    publicMessage: `The scope '${scope}' cannot perform ${verb} operation because following scope(s) are locked: '${lock.scope}'. Please remove the lock and try again.`,
  })
}

/** A code as a person types it, spaces, hyphens and small letters included; null when it cannot be one. */
export function readUserCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s-]/g, '')
  return code.length === 8 && [...code].every((c) => USER_CODE_ALPHABET.includes(c)) ? code : null
}
