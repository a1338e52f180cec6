import type { NetworkAcls } from './model'

export type ManagedHsmView = {
  id: string
  name: string
  uri: string
  subscriptionId: string
  resourceGroup: string
  location: string
  softDeleteDays: number
  purgeProtection: boolean
  publicNetworkAccess: boolean
  networkAcls: NetworkAcls
  activated: boolean
  activatedAt: string | null
  quorum: number | null
  adminObjectIds: string[]
  createdAt: string
}

export type HsmRoleAssignmentView = {
  id: string
  scope: string
  roleDefinitionId: string
  roleName: string
  principalId: string
  principalName: string | null
}
