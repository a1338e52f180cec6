'use server'
import { z } from 'zod'
import type { RoleAssignmentView } from '@/server/identity/contract'
import { assignRole, removeRoleAssignment } from '@/server/identity/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const newAssignment = z.object({
  scope: z.string().min(1),
  roleDefinitionId: z.string().min(1, 'Choose a role.'),
  principalId: z.string().min(1, 'Choose who gets the role.'),
})

export async function giveRole(input: unknown): Promise<ActionResult<RoleAssignmentView>> {
  return runAction(newAssignment, input, (ctx, assignment) => assignRole(ctx, assignment))
}

const assignment = z.object({ id: z.string().min(1) })

export async function takeRole(input: unknown): Promise<ActionResult<RoleAssignmentView>> {
  return runAction(assignment, input, (ctx, { id }) => removeRoleAssignment(ctx, id))
}
