/** The door of this folder: what others may call, and nothing else. */
export {
  authorize,
  can,
  canData,
  canEach,
  checkDataAction,
  isReadable,
  permissionJudge,
  readableFilter,
  readableScopes,
} from './service/authorization'
export {
  beginDeviceSignIn,
  DEVICE_SIGN_IN_SECONDS,
  decideDeviceSignIn,
  findDeviceSignIn,
  redeemDeviceSignIn,
} from './service/device-sign-ins'
export { keyAccessMayChange } from './service/key-access-changes'
export { deleteLock, listLocks, lockedScopes, setLock } from './service/locks'
export {
  createManagedIdentity,
  type DeletedIdentityView,
  deleteManagedIdentity,
  getManagedIdentity,
  listDeletedManagedIdentities,
  listManagedIdentities,
  locateManagedIdentity,
  managedIdentityPrincipal,
  restoreManagedIdentity,
} from './service/managed-identities'
export {
  addMember,
  checkClientSecret,
  createGroup,
  createServicePrincipal,
  createUser,
  type DirectoryEntry,
  findPrincipal,
  findPrincipalByAppId,
  findTenantOfApp,
  listDirectory,
  listPersonas,
  principalNames,
  resetClientSecret,
} from './service/principals'
export {
  createResourceGroup,
  getResourceGroup,
  listResourceGroups,
  listSubscriptions,
  requireResourceGroup,
  requireSubscription,
} from './service/resource-groups'
export {
  assignRole,
  dropAssignmentsUnder,
  getRoleAssignment,
  listRoleAssignments,
  listRoleDefinitions,
  removeRoleAssignment,
} from './service/role-assignments'
export {
  createSubscription,
  createTenant,
  findAnyTenant,
  findTenant,
  findTenantOfSubscription,
  markSeeded,
  readTenantSettings,
  updateTenantSettings,
} from './service/tenants'
export {
  issueIdToken,
  issueToken,
  openRefreshToken,
  readTokenTenant,
  sealRefreshToken,
  signingKeys,
  verifyToken,
} from './service/tokens'
