import { z } from 'zod'
import type { RoleAssignmentView } from '@/server/identity/contract'
import { findRole, type RoleDefinition } from '@/server/identity/model'
import {
  assignRole,
  authorize,
  findPrincipal,
  getRoleAssignment,
  listRoleAssignments,
  listRoleDefinitions,
  removeRoleAssignment,
} from '@/server/identity/service'
import { AppError } from '@/server/kernel/errors'
import { sameId } from '@/server/kernel/resource-id'
import { filterValue, parseFilter, readBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'

const PROVIDER = 'providers/Microsoft.Authorization'

/** Role definitions are named below the subscription that one came by. */
function definitionId(scope: string, roleId: string): string {
  const subscription = /^\/subscriptions\/[^/]+/i.exec(scope)?.[0] ?? ''
  return `${subscription}/${PROVIDER}/roleDefinitions/${roleId}`
}

const assignmentShape = (assignment: RoleAssignmentView) => ({
  id: `${assignment.scope.replace(/\/+$/, '')}/${PROVIDER}/roleAssignments/${assignment.id}`,
  name: assignment.id,
  type: 'Microsoft.Authorization/roleAssignments',
  properties: {
    roleDefinitionId: definitionId(assignment.scope, assignment.roleDefinitionId),
    principalId: assignment.principalId,
    principalType: assignment.principalType,
    scope: assignment.scope,
    condition: null,
    conditionVersion: null,
    description: null,
    delegatedManagedIdentityResourceId: null,
    createdOn: assignment.createdAt,
    updatedOn: assignment.createdAt,
    createdBy: assignment.createdBy,
    updatedBy: assignment.createdBy,
  },
})

const definitionShape = (scope: string) => (role: RoleDefinition) => ({
  id: definitionId(scope, role.id),
  name: role.id,
  type: 'Microsoft.Authorization/roleDefinitions',
  properties: {
    roleName: role.name,
    type: role.type,
    description: role.description,
    assignableScopes: ['/'],
    permissions: [
      { actions: role.actions, notActions: role.notActions, dataActions: role.dataActions, notDataActions: [] },
    ],
  },
})

const assignmentBody = z.object({
  properties: z.object({
    roleDefinitionId: z.string(),
    principalId: z.string(),
    principalType: z.enum(['User', 'Group', 'ServicePrincipal']).nullish(),
  }),
})

/** The assignment that the path names, if it is at the scope that the path names. */
async function find({ ctx, params }: ArmCall): Promise<RoleAssignmentView | null> {
  const found = await getRoleAssignment(ctx, params.id!)
  return found && sameId(found.scope.replace(/\/+$/, ''), params.scope!.replace(/\/+$/, '')) ? found : null
}

async function put(call: ArmCall): Promise<ArmReply> {
  const { ctx, params, request } = call
  const { properties } = await readBody(request, assignmentBody)
  const existed = (await getRoleAssignment(ctx, params.id!)) !== null
  const { roleDefinitionId, principalId, principalType } = properties
  const given = await assignRole(ctx, {
    id: params.id!.toLowerCase(),
    scope: params.scope!,
    roleDefinitionId,
    principalId: principalId.toLowerCase(),
    principalType: principalType ?? undefined,
  })
  return { status: existed ? 200 : 201, body: assignmentShape(given) }
}

async function get(call: ArmCall): Promise<ArmReply> {
  const found = await find(call)
  if (found) return { body: assignmentShape(found) }
  throw new AppError('ResourceNotFound', {
    vendorCode: 'RoleAssignmentNotFound',
    publicMessage: `The role assignment '${call.params.id}' is not found.`,
  })
}

async function remove(call: ArmCall): Promise<ArmReply> {
  const found = await find(call)
  if (!found) return { status: 204 }
  await removeRoleAssignment(call.ctx, found.id)
  return { body: assignmentShape(found) }
}

/** Without a filter: at the scope, above it and below it; `atScope()` leaves out what is below. */
async function listAssignments({ ctx, params, query }: ArmCall): Promise<ArmReply> {
  const filter = query.get('$filter')
  const below = !parseFilter(filter).some((clause) => clause.name === 'atscope()')
  const all = await listRoleAssignments(ctx, params.scope!, { inherited: true, below })
  const principalId = filterValue(filter, 'principalId')
  const assignedTo = filterValue(filter, 'assignedTo()')
  const holders = assignedTo && [assignedTo, ...((await findPrincipal(ctx, assignedTo))?.groupIds ?? [])]
  const found = all
    .filter((a) => !principalId || sameId(a.principalId, principalId))
    .filter((a) => !holders || holders.some((id) => sameId(a.principalId, id)))
  return list(found.map(assignmentShape))
}

async function listDefinitions({ ctx, params, query }: ArmCall): Promise<ArmReply> {
  await authorize(ctx, 'Microsoft.Authorization/roleDefinitions/read', params.scope!)
  const name = filterValue(query.get('$filter'), 'roleName')
  const type = filterValue(query.get('$filter'), 'type')
  const found = listRoleDefinitions()
    .filter((role) => !name || sameId(role.name, name))
    .filter((role) => !type || sameId(role.type, type))
  return list(found.map(definitionShape(params.scope!)))
}

async function getDefinition({ ctx, params }: ArmCall): Promise<ArmReply> {
  await authorize(ctx, 'Microsoft.Authorization/roleDefinitions/read', params.scope!)
  const role = findRole(params.id!)
  if (role) return { body: definitionShape(params.scope!)(role) }
  throw new AppError('ResourceNotFound', {
    vendorCode: 'RoleDefinitionDoesNotExist',
    publicMessage: `The specified role definition with ID '${params.id}' does not exist.`,
  })
}

export const authorizationRoutes = [
  route('GET', `{scope}/${PROVIDER}/roleAssignments`, listAssignments),
  route('GET', `{scope}/${PROVIDER}/roleAssignments/{id}`, get),
  route('PUT', `{scope}/${PROVIDER}/roleAssignments/{id}`, put),
  route('DELETE', `{scope}/${PROVIDER}/roleAssignments/{id}`, remove),
  route('GET', `{scope}/${PROVIDER}/roleDefinitions`, listDefinitions),
  route('GET', `{scope}/${PROVIDER}/roleDefinitions/{id}`, getDefinition),
]
