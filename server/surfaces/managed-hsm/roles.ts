import { z } from 'zod'
import { AppError } from '@/server/kernel/errors'
import type { HsmRoleAssignmentView } from '@/server/managed-hsm/contract'
import { HSM_ACTION_PREFIX, HSM_ROLES, type HsmRole } from '@/server/managed-hsm/model'
import { assignHsmRole, listHsmRoleAssignments, removeHsmRoleAssignment } from '@/server/managed-hsm/service'
import type { OwnCall } from '../keyvault/door'
import type { Answer } from '../keyvault/requests'
import { parseBody } from '../keyvault/wire'

const PATH =
  /^(\/keys(?:\/[^/]+)?)?\/+providers\/Microsoft\.Authorization\/(roleAssignments|roleDefinitions)(?:\/([^/]+))?\/?$/i
const NAMESPACE = 'Microsoft.KeyVault/providers/Microsoft.Authorization/roleDefinitions/'

const assignmentBody = z.object({ properties: z.object({ roleDefinitionId: z.string(), principalId: z.string() }) })

const toAssignment = (a: HsmRoleAssignmentView) => ({
  id: `/providers/Microsoft.Authorization/roleAssignments/${a.id}`,
  name: a.id,
  type: 'Microsoft.Authorization/roleAssignments',
  properties: { scope: a.scope, roleDefinitionId: NAMESPACE + a.roleDefinitionId, principalId: a.principalId },
})

const toDefinition = (role: HsmRole) => ({
  id: NAMESPACE + role.id,
  name: role.id,
  type: 'Microsoft.Authorization/roleDefinitions',
  properties: {
    roleName: role.name,
    description: role.description,
    type: 'AKVBuiltInRole',
    permissions: [
      {
        actions: [],
        notActions: [],
        dataActions: role.dataActions.map((action) => HSM_ACTION_PREFIX + action),
        notDataActions: [],
      },
    ],
    assignableScopes: ['/'],
  },
})

/** Local RBAC over REST: `/{scope}/providers/Microsoft.Authorization/...`; null for any other path. */
export async function answerRoles(call: OwnCall): Promise<Answer | null> {
  const match = PATH.exec(call.path)
  if (!match) return null
  const [, scope = '/', collection, id] = match
  if (collection!.toLowerCase() === 'roledefinitions') return definitions(call, id)
  if (call.method === 'PUT' && id) return give(call, scope, id)
  const all = await listHsmRoleAssignments(call.ctx, call.storeId)
  if (!id)
    return { status: 200, body: { value: all.filter((a) => scope === '/' || a.scope === scope).map(toAssignment) } }
  const found = all.find((a) => a.id === id.toLowerCase())
  if (!found) throw new AppError('ResourceNotFound', { publicMessage: `There is no role assignment ${id}.` })
  if (call.method === 'DELETE') await removeHsmRoleAssignment(call.ctx, call.storeId, found.id)
  return { status: 200, body: toAssignment(found) }
}

async function give(call: OwnCall, scope: string, id: string): Promise<Answer> {
  const { roleDefinitionId, principalId } = parseBody(assignmentBody, call.body()).properties
  const role = roleDefinitionId.split('/').at(-1)!
  const made = await assignHsmRole(call.ctx, call.storeId, { id, scope, principalId, roleDefinitionId: role })
  return { status: 201, body: toAssignment(made) }
}

async function definitions(call: OwnCall, id: string | undefined): Promise<Answer> {
  // Whoever may read assignments may read what they mean.
  await listHsmRoleAssignments(call.ctx, call.storeId)
  if (!id) return { status: 200, body: { value: HSM_ROLES.map(toDefinition) } }
  const role = HSM_ROLES.find((r) => r.id === id.toLowerCase())
  if (!role) throw new AppError('ResourceNotFound', { publicMessage: `There is no role definition ${id}.` })
  return { status: 200, body: toDefinition(role) }
}
