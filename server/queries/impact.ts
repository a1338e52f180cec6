import 'server-only'
import { z } from 'zod'
import { findPrincipal, listRoleAssignments, listRoleDefinitions } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { sameId, scopeContains } from '@/server/kernel/resource-id'
import { type KeyIdentifier, parseKeyIdentifier } from '@/server/keys/model'
import { findVaultByName, listVaults } from '@/server/keyvault/service'
import type { HsmRoleAssignmentView } from '@/server/managed-hsm/contract'
import { findHsmRole, HSM_ACTIONS } from '@/server/managed-hsm/model'
import { listHsmRoleAssignments } from '@/server/managed-hsm/service'
import type { DependentBackups, KeyUseView, ServerView } from '@/server/postgres/contract'
import type { ServerState } from '@/server/postgres/model'
import { backupsUsingKey, serversUsingKey } from '@/server/postgres/service'

/** How long a server may go on after its key stopped working (customer-managed keys: "within 60 minutes"). */
const LOSES_ACCESS_WITHIN_MINUTES = 60

const impactInput = z.discriminatedUnion('change', [
  z.object({ change: z.literal('keyVersion'), store: z.string(), key: z.string(), version: z.string() }),
  z.object({ change: z.literal('key'), store: z.string(), key: z.string() }),
  z.object({ change: z.literal('store'), store: z.string() }),
  /** Somebody loses the access policy. */
  z.object({ change: z.literal('principal'), store: z.string(), principalId: z.string() }),
  z.object({
    change: z.literal('permissionModel'),
    store: z.string(),
    to: z.enum(['rbac', 'accessPolicies']),
  }),
  z.object({ change: z.literal('localRole'), store: z.string(), assignmentId: z.string() }),
  z.object({ change: z.literal('role'), scope: z.string(), assignmentId: z.string() }),
  z.object({ change: z.literal('identity'), identityId: z.string() }),
])

/** What somebody is about to do, as the address of the question says it. */
export type ImpactQuestion = z.infer<typeof impactInput>

export type AffectedServer = { name: string; state: ServerState; keyRole: 'primary' | 'geo' }

export type ImpactView = {
  servers: AffectedServer[]
  /** Virtual instant by which each of them will be Inaccessible. */
  by: string
  /** Backups that could not be restored any more: only what is changed opens them. */
  backups: DependentBackups[]
}

/**
 * Which servers a change would cost their key, and by when. Their names are told to whoever may ask, readable or not:
 * one who can lock a server out has to know that it is there.
 */
export async function readImpact(ctx: Ctx, query: Record<string, string>): Promise<ImpactView> {
  const question = impactInput.safeParse(query)
  if (!question.success) throw new AppError('BadParameter', { publicMessage: 'This is no change that can be judged.' })
  const [servers, backups] = await Promise.all([affectedBy(ctx, question.data), backupsLost(ctx, question.data)])
  const by = new Date(ctx.now.getTime() + LOSES_ACCESS_WITHIN_MINUTES * 60_000).toISOString()
  return { servers, by, backups }
}

/** Who loses a right can be given it again, or another identity can: a backup is lost with its key alone. */
async function backupsLost(ctx: Ctx, question: ImpactQuestion): Promise<DependentBackups[]> {
  switch (question.change) {
    case 'keyVersion':
      return backupsUsingKey(ctx, { storeName: question.store, keyName: question.key, version: question.version })
    case 'key':
      return backupsUsingKey(ctx, { storeName: question.store, keyName: question.key })
    case 'store':
      return backupsUsingKey(ctx, { storeName: question.store })
    default:
      return []
  }
}

type Use = { server: ServerView; keyRole: 'primary' | 'geo'; use: KeyUseView; opens: KeyIdentifier }

/** Each key of each server, with the identifier of the version that its envelope opens with, and no other. */
const usesOf = (servers: ServerView[]): Use[] =>
  servers.flatMap((server) =>
    (['primary', 'geo'] as const).flatMap((keyRole) => {
      const use = server.encryption[keyRole]
      const opens = use && parseKeyIdentifier(use.wrappedByKid ?? use.keyUri)
      return use && opens ? [{ server, keyRole, use, opens }] : []
    }),
  )

const affected = ({ server: { name, state }, keyRole }: Use): AffectedServer => ({ name, state, keyRole })

async function affectedBy(ctx: Ctx, question: ImpactQuestion): Promise<AffectedServer[]> {
  switch (question.change) {
    case 'role':
      return affectedByRole(ctx, question)
    case 'principal':
      return affectedByPolicy(ctx, question)
    case 'localRole':
      return affectedByLocalRole(ctx, question)
    case 'permissionModel':
      return affectedByModel(ctx, question)
    case 'identity': {
      const { identityId } = question
      const uses = usesOf(await serversUsingKey(ctx, { identityId }))
      return uses.filter(({ use }) => use.identityId !== null && sameId(use.identityId, identityId)).map(affected)
    }
    default:
      return (await usesIn(ctx, question.store)).filter((use) => isHit(use, question)).map(affected)
  }
}

const usesIn = async (ctx: Ctx, storeName: string): Promise<Use[]> =>
  usesOf(await serversUsingKey(ctx, { storeName })).filter(({ opens }) => sameId(opens.storeName, storeName))

type InStore = Extract<ImpactQuestion, { change: 'keyVersion' | 'key' | 'store' }>

function isHit({ opens }: Use, question: InStore): boolean {
  if ('key' in question && !sameId(opens.keyName, question.key)) return false
  return question.change !== 'keyVersion' || opens.version === question.version
}

const UNWRAP_PATTERNS = [
  'microsoft.keyvault/vaults/*',
  'microsoft.keyvault/vaults/keys/*',
  'microsoft.keyvault/vaults/keys/unwrap/action',
]

/** Ids of the roles with which an identity can unwrap. */
const unwrappingRoles = (): Set<string> =>
  new Set(
    listRoleDefinitions()
      .filter((role) => role.dataActions.some((pattern) => UNWRAP_PATTERNS.includes(pattern.toLowerCase())))
      .map((role) => role.id),
  )

/** Servers whose identity would be left without any assignment that lets it unwrap with its key. */
async function affectedByRole(
  ctx: Ctx,
  { scope, assignmentId }: { scope: string; assignmentId: string },
): Promise<AffectedServer[]> {
  const going = (await listRoleAssignments(ctx, scope, { inherited: true })).find((a) => a.id === assignmentId)
  if (!going || !unwrappingRoles().has(going.roleDefinitionId)) return []
  const lost: AffectedServer[] = []
  for (const vault of await listVaults(ctx)) {
    const touches = scopeContains(going.scope, vault.id) || scopeContains(vault.id, going.scope)
    if (!touches || vault.permissionModel !== 'rbac') continue
    for (const use of await usesIn(ctx, vault.name)) {
      const holders = await holdersOf(ctx, use.use)
      if (!holders.has(going.principalId) || !scopeContains(going.scope, keyScope(vault.id, use))) continue
      if (!(await holdRole(ctx, holders, keyScope(vault.id, use), going.id))) lost.push(affected(use))
    }
  }
  return lost
}

const keyScope = (vaultId: string, { opens }: Use): string => `${vaultId}/keys/${opens.keyName}`

/** The identity of a server and the groups that it is in. */
async function holdersOf(ctx: Ctx, { principalId }: KeyUseView): Promise<Set<string>> {
  if (!principalId) return new Set()
  return new Set([principalId, ...((await findPrincipal(ctx, principalId))?.groupIds ?? [])])
}

/** Whether any of them may unwrap at the scope by a role, not counting one assignment and those that cease. */
async function holdRole(ctx: Ctx, holders: Set<string>, scope: string, exceptId?: string): Promise<boolean> {
  const roles = unwrappingRoles()
  const assignments = await listRoleAssignments(ctx, scope, { inherited: true })
  return assignments.some(
    (a) => a.id !== exceptId && !a.ceasesAt && holders.has(a.principalId) && roles.has(a.roleDefinitionId),
  )
}

/** Servers whose identity has no right under the other permission model of their vault. */
async function affectedByModel(
  ctx: Ctx,
  { store, to }: { store: string; to: 'rbac' | 'accessPolicies' },
): Promise<AffectedServer[]> {
  const vault = await findVaultByName(ctx, store)
  if (!vault) return []
  const lost: AffectedServer[] = []
  for (const use of await usesIn(ctx, store)) {
    const holders = await holdersOf(ctx, use.use)
    const keeps =
      to === 'rbac'
        ? await holdRole(ctx, holders, keyScope(vault.id, use))
        : vault.accessPolicies.some((p) => holders.has(p.objectId) && p.keys.some(isUnwrap))
    if (!keeps) lost.push(affected(use))
  }
  return lost
}

/** Servers whose identity would be left without any access policy, its own or a group's, that lets it unwrap. */
async function affectedByPolicy(
  ctx: Ctx,
  { store, principalId }: { store: string; principalId: string },
): Promise<AffectedServer[]> {
  const vault = await findVaultByName(ctx, store)
  if (!vault || vault.rbac) return []
  const others = vault.accessPolicies.filter((p) => !sameId(p.objectId, principalId))
  const lost: AffectedServer[] = []
  for (const use of await usesIn(ctx, store)) {
    const holders = await holdersOf(ctx, use.use)
    if (holders.has(principalId) && !others.some((p) => holders.has(p.objectId) && p.keys.some(isUnwrap)))
      lost.push(affected(use))
  }
  return lost
}

const isUnwrap = (permission: string): boolean => ['unwrapkey', 'all'].includes(permission.toLowerCase())

/** Servers whose identity would be left without a local role that lets it unwrap with its key. */
async function affectedByLocalRole(
  ctx: Ctx,
  { store, assignmentId }: { store: string; assignmentId: string },
): Promise<AffectedServer[]> {
  const assignments = (await listHsmRoleAssignments(ctx, store)).filter((a) =>
    findHsmRole(a.roleDefinitionId)?.dataActions.includes(HSM_ACTIONS.unwrap),
  )
  const going = assignments.find((a) => a.id === assignmentId)
  if (!going) return []
  const lost: AffectedServer[] = []
  for (const use of await usesIn(ctx, store)) {
    const holders = await holdersOf(ctx, use.use)
    const counts = (a: HsmRoleAssignmentView) =>
      holders.has(a.principalId) && scopeContains(a.scope, `/keys/${use.opens.keyName}`)
    if (counts(going) && !assignments.some((a) => a.id !== assignmentId && counts(a))) lost.push(affected(use))
  }
  return lost
}
