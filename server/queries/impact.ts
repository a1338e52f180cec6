import 'server-only'
import { z } from 'zod'
import type { RoleAssignmentView } from '@/server/identity/contract'
import { findPrincipal, listRoleAssignments, listRoleDefinitions } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { sameId, scopeContains } from '@/server/kernel/resource-id'
import { parseKeyIdentifier } from '@/server/keys/model'
import { listVaults } from '@/server/keyvault/service'
import type { KeyUseView, ServerView } from '@/server/postgres/contract'
import type { ServerState } from '@/server/postgres/model'
import { serversUsingKey } from '@/server/postgres/service'

/** How long a server may go on after its key stopped working (customer-managed keys: "within 60 minutes"). */
const LOSES_ACCESS_WITHIN_MINUTES = 60

const impactInput = z.discriminatedUnion('change', [
  z.object({ change: z.literal('keyVersion'), store: z.string(), key: z.string(), version: z.string() }),
  z.object({ change: z.literal('key'), store: z.string(), key: z.string() }),
  z.object({ change: z.literal('store'), store: z.string() }),
  /** Somebody loses the rights on a store: an access policy or a local role. */
  z.object({ change: z.literal('principal'), store: z.string(), principalId: z.string(), key: z.string().optional() }),
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
}

/**
 * Which servers a change would cost their key, and by when. Their names are told to whoever may ask, readable or not:
 * one who can lock a server out has to know that it is there.
 */
export async function readImpact(ctx: Ctx, query: Record<string, string>): Promise<ImpactView> {
  const question = impactInput.safeParse(query)
  if (!question.success) throw new AppError('BadParameter', { publicMessage: 'This is no change that can be judged.' })
  const servers = await affectedBy(ctx, question.data)
  const by = new Date(ctx.now.getTime() + LOSES_ACCESS_WITHIN_MINUTES * 60_000).toISOString()
  return { servers, by }
}

async function affectedBy(ctx: Ctx, question: ImpactQuestion): Promise<AffectedServer[]> {
  if (question.change === 'role') return affectedByRole(ctx, question)
  if (question.change === 'identity') {
    const { identityId } = question
    const servers = await serversUsingKey(ctx, { identityId })
    return pick(servers, (use) => use.identityId !== null && sameId(use.identityId, identityId))
  }
  const servers = await serversUsingKey(ctx, { storeName: question.store })
  return pick(servers, (use) => {
    const id = opensWith(use)
    if (!id || !sameId(id.storeName, question.store)) return false
    if ('key' in question && question.key && !sameId(id.keyName, question.key)) return false
    if (question.change === 'keyVersion') return id.version === question.version
    return question.change !== 'principal' || use.principalId === question.principalId
  })
}

/** The envelope opens with the version that wrapped it, and with no other. */
const opensWith = (use: KeyUseView) => parseKeyIdentifier(use.wrappedByKid ?? use.keyUri)

function pick(servers: ServerView[], uses: (use: KeyUseView) => boolean): AffectedServer[] {
  return servers.flatMap(({ name, state, encryption }) =>
    (['primary', 'geo'] as const)
      .filter((keyRole) => encryption[keyRole] && uses(encryption[keyRole]))
      .map((keyRole) => ({ name, state, keyRole })),
  )
}

const UNWRAP_PATTERNS = [
  'microsoft.keyvault/vaults/*',
  'microsoft.keyvault/vaults/keys/*',
  'microsoft.keyvault/vaults/keys/unwrap/action',
]

/** Servers whose identity would be left without any assignment that lets it unwrap with its key. */
async function affectedByRole(
  ctx: Ctx,
  { scope, assignmentId }: { scope: string; assignmentId: string },
): Promise<AffectedServer[]> {
  const unwrapping = new Set(
    listRoleDefinitions()
      .filter((role) => role.dataActions.some((pattern) => UNWRAP_PATTERNS.includes(pattern.toLowerCase())))
      .map((role) => role.id),
  )
  const going = (await listRoleAssignments(ctx, scope, { inherited: true })).find((a) => a.id === assignmentId)
  if (!going || !unwrapping.has(going.roleDefinitionId)) return []
  const lost: AffectedServer[] = []
  for (const vault of await listVaults(ctx)) {
    const touches = scopeContains(going.scope, vault.id) || scopeContains(vault.id, going.scope)
    if (!touches || vault.permissionModel !== 'rbac') continue
    for (const server of await serversUsingKey(ctx, { storeName: vault.name })) {
      for (const keyRole of ['primary', 'geo'] as const) {
        const use = server.encryption[keyRole]
        if (use && (await losesRights(ctx, { vaultId: vault.id, use, going, unwrapping })))
          lost.push({ name: server.name, state: server.state, keyRole })
      }
    }
  }
  return lost
}

async function losesRights(
  ctx: Ctx,
  facts: { vaultId: string; use: KeyUseView; going: RoleAssignmentView; unwrapping: Set<string> },
): Promise<boolean> {
  const { vaultId, use, going, unwrapping } = facts
  const id = opensWith(use)
  if (!id || !use.principalId || !sameId(id.storeName, vaultId.split('/').at(-1)!)) return false
  const key = `${vaultId}/keys/${id.keyName}`
  const holders = new Set([use.principalId, ...((await findPrincipal(ctx, use.principalId))?.groupIds ?? [])])
  if (!holders.has(going.principalId) || !scopeContains(going.scope, key)) return false
  const assignments = await listRoleAssignments(ctx, key, { inherited: true })
  return !assignments.some(
    (a) => a.id !== going.id && !a.ceasesAt && holders.has(a.principalId) && unwrapping.has(a.roleDefinitionId),
  )
}
