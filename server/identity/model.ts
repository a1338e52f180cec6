/** A role as Azure defines one. Actions match without case, `*` spans segments, `not*` subtracts inside this role only. */
export type RoleDefinition = {
  id: string
  name: string
  description: string
  type: 'BuiltInRole' | 'CustomRole'
  actions: string[]
  notActions: string[]
  dataActions: string[]
  /** Set where the role may hand out and take back these roles only. */
  assignableRoleIds?: string[]
}

export type ActionKind = 'actions' | 'dataActions'

/** A role assignment in force for a principal, its own or of one of its groups. */
export type Grant = { assignmentId: string; scope: string; role: RoleDefinition }

export type PrincipalType = 'User' | 'Group' | 'ServicePrincipal'

/** The role's scope that stands for the whole tenant. */
export const TENANT_SCOPE = '/'

/** The action that reading the activity log takes. */
export const ACTIVITY_READ = 'Microsoft.Insights/eventtypes/values/read'

/** How long a deleted directory object can be restored, in virtual days. */
export const RESTORABLE_DAYS = 30

/** Token lifetimes in virtual seconds. */
/** Without what is taken for something else: 0 and O, 1, I and L, 2 and Z, U and V. */
export const USER_CODE_ALPHABET = 'ABCDEFGHJKMNPQRSTWXY3456789'

export const APP_TOKEN_SECONDS = 3600
/** How long a person stays signed in on a device without being asked again. */
export const REFRESH_TOKEN_DAYS = 90
export const MANAGED_IDENTITY_TOKEN_SECONDS = 86_400

const READ_VAULTS = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
  'Microsoft.KeyVault/checkNameAvailability/read',
  'Microsoft.KeyVault/deletedVaults/read',
  'Microsoft.KeyVault/locations/*/read',
  'Microsoft.KeyVault/vaults/*/read',
  'Microsoft.KeyVault/operations/read',
]
const RESOURCE_BASICS = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
]
const KEYS = 'Microsoft.KeyVault/vaults/keys'
const SECRETS = 'Microsoft.KeyVault/vaults/secrets'

const role = (
  id: string,
  name: string,
  description: string,
  grants: Partial<Omit<RoleDefinition, 'id' | 'name' | 'description'>>,
): RoleDefinition => ({
  id,
  name,
  description,
  type: 'BuiltInRole',
  actions: [],
  notActions: [],
  dataActions: [],
  ...grants,
})

export const ROLE_IDS = {
  owner: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  reader: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
  userAccessAdministrator: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
  rbacAdministrator: 'f58310d9-a9f6-439a-9e8d-f62e7b41a168',
  keyVaultContributor: 'f25e0fa2-a7c8-4377-a976-54943a77a395',
  managedHsmContributor: '18500a29-7fe2-46b2-a342-b16a415e101d',
  keyVaultAdministrator: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
  keyVaultCryptoOfficer: '14b46e9e-c2b7-41b4-b07b-48a6ebf60603',
  keyVaultCryptoUser: '12338af0-0e69-4776-bea7-57ae8d297424',
  keyVaultCryptoServiceEncryptionUser: 'e147488a-f6f5-4113-8e2d-b22465e65bf6',
  keyVaultCryptoServiceReleaseUser: '08bbd89e-9f13-488c-ac41-acfcb10c90ab',
  keyVaultReader: '21090545-7ca7-4776-b22c-e363652d74d2',
  keyVaultPurgeOperator: 'a68e7c17-0ab2-4c09-9a58-125dae29748c',
  keyVaultDataAccessAdministrator: '8b54135c-b56d-4d72-a534-26097cfdc8d8',
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  keyVaultCertificatesOfficer: 'a4417e6f-fecd-4de8-b567-7b0420556985',
  keyVaultCertificateUser: 'db79e9a7-68ee-4b58-9aeb-b90e7c24fcba',
  managedIdentityOperator: 'f1a07417-d97a-45cb-824c-7a7467783830',
  managedIdentityContributor: 'e40ec5ca-96e0-45a2-b4ff-59039f2c2b59',
  locksContributor: '28bf596f-4eb7-45ce-b5bc-6cf482fec137',
  monitoringContributor: '749f88d5-cbae-40b8-bcfc-e573ddc772fa',
  monitoringReader: '43d0d8ad-25c7-4714-9337-8ba259a9fe05',
  simulationOperator: '51a0c10c-0000-4000-8000-000000000001',
} as const

/** The roles that Key Vault Data Access Administrator may hand out: the condition Azure puts on that role. */
const KEY_VAULT_DATA_ROLE_IDS = [
  ROLE_IDS.keyVaultAdministrator,
  ROLE_IDS.keyVaultCertificatesOfficer,
  ROLE_IDS.keyVaultCryptoOfficer,
  ROLE_IDS.keyVaultCryptoServiceEncryptionUser,
  ROLE_IDS.keyVaultCryptoUser,
  ROLE_IDS.keyVaultReader,
  ROLE_IDS.keyVaultSecretsOfficer,
  ROLE_IDS.keyVaultSecretsUser,
]

/**
 * The role definitions, from the least to the most privileged: in this order a refusal names the roles that would help.
 * Ids, actions and data actions are those of Azure's built-in roles (documentation of Azure RBAC, 2026).
 */
export const BUILT_IN_ROLES: readonly RoleDefinition[] = [
  {
    ...role(
      ROLE_IDS.simulationOperator,
      'Simulation Operator',
      'Moves, pauses and speeds up the clock of the simulation and changes its settings. Azure has no such role.',
      { actions: ['Portcullis.Simulation/clock/*', 'Portcullis.Simulation/settings/*'] },
    ),
    // SIMULATED: ours, since a cloud has no clock that one can move.
    type: 'CustomRole',
  },
  role(
    ROLE_IDS.keyVaultReader,
    'Key Vault Reader',
    'Sees vaults and the metadata of what is in them; reads no secret value and uses no key.',
    { actions: READ_VAULTS, dataActions: ['Microsoft.KeyVault/vaults/*/read', `${SECRETS}/readMetadata/action`] },
  ),
  role(ROLE_IDS.reader, 'Reader', 'Sees everything at its scope and changes nothing.', { actions: ['*/read'] }),
  role(
    ROLE_IDS.monitoringReader,
    'Monitoring Reader',
    'Reads all monitoring data: activity log, metrics, alerts and settings.',
    { actions: ['*/read', 'Microsoft.Support/*'] },
  ),
  role(
    ROLE_IDS.keyVaultCryptoServiceReleaseUser,
    'Key Vault Crypto Service Release User',
    'Releases exportable keys to attested environments. For service identities.',
    { dataActions: [`${KEYS}/release/action`] },
  ),
  role(
    ROLE_IDS.keyVaultCryptoServiceEncryptionUser,
    'Key Vault Crypto Service Encryption User',
    'Reads key metadata, wraps and unwraps. What the identity of a server needs for a customer-managed key.',
    {
      actions: ['read', 'write', 'delete'].map((verb) => `Microsoft.EventGrid/eventSubscriptions/${verb}`),
      dataActions: [`${KEYS}/read`, `${KEYS}/wrap/action`, `${KEYS}/unwrap/action`],
    },
  ),
  role(
    ROLE_IDS.keyVaultCryptoUser,
    'Key Vault Crypto User',
    'Uses keys: encrypt, decrypt, wrap, unwrap, sign, verify. Creates and deletes none.',
    {
      dataActions: [
        `${KEYS}/read`,
        `${KEYS}/update/action`,
        `${KEYS}/backup/action`,
        `${KEYS}/encrypt/action`,
        `${KEYS}/decrypt/action`,
        `${KEYS}/wrap/action`,
        `${KEYS}/unwrap/action`,
        `${KEYS}/sign/action`,
        `${KEYS}/verify/action`,
      ],
    },
  ),
  role(ROLE_IDS.keyVaultSecretsUser, 'Key Vault Secrets User', 'Reads the values of secrets.', {
    dataActions: [`${SECRETS}/getSecret/action`, `${SECRETS}/readMetadata/action`],
  }),
  role(ROLE_IDS.keyVaultCertificateUser, 'Key Vault Certificate User', 'Reads certificates with their private part.', {
    dataActions: [
      'Microsoft.KeyVault/vaults/certificates/read',
      `${SECRETS}/getSecret/action`,
      `${SECRETS}/readMetadata/action`,
      `${KEYS}/read`,
    ],
  }),
  role(
    ROLE_IDS.keyVaultSecretsOfficer,
    'Key Vault Secrets Officer',
    'Does everything with secrets except managing permissions.',
    { actions: READ_VAULTS, dataActions: [`${SECRETS}/*`] },
  ),
  role(
    ROLE_IDS.keyVaultCertificatesOfficer,
    'Key Vault Certificates Officer',
    'Does everything with certificates except managing permissions.',
    {
      actions: READ_VAULTS,
      dataActions: ['Microsoft.KeyVault/vaults/certificatecas/*', 'Microsoft.KeyVault/vaults/certificates/*'],
    },
  ),
  role(
    ROLE_IDS.keyVaultCryptoOfficer,
    'Key Vault Crypto Officer',
    'Does everything with keys, deleting and purging included, except managing permissions.',
    { actions: READ_VAULTS, dataActions: [`${KEYS}/*`, 'Microsoft.KeyVault/vaults/keyrotationpolicies/*'] },
  ),
  role(
    ROLE_IDS.keyVaultAdministrator,
    'Key Vault Administrator',
    'Does everything with keys, secrets and certificates. Manages neither the vault itself nor who has which role.',
    { actions: READ_VAULTS, dataActions: ['Microsoft.KeyVault/vaults/*'] },
  ),
  role(
    ROLE_IDS.managedIdentityOperator,
    'Managed Identity Operator',
    'Sees user-assigned identities and attaches them to resources.',
    {
      actions: [
        'Microsoft.ManagedIdentity/userAssignedIdentities/*/read',
        'Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action',
        ...RESOURCE_BASICS,
      ],
    },
  ),
  role(
    ROLE_IDS.managedIdentityContributor,
    'Managed Identity Contributor',
    'Creates, changes and deletes user-assigned identities.',
    {
      actions: [
        'Microsoft.ManagedIdentity/userAssignedIdentities/read',
        'Microsoft.ManagedIdentity/userAssignedIdentities/write',
        'Microsoft.ManagedIdentity/userAssignedIdentities/delete',
        'Microsoft.ManagedIdentity/userAssignedIdentities/*/read',
        'Microsoft.ManagedIdentity/userAssignedIdentities/*/write',
        'Microsoft.ManagedIdentity/userAssignedIdentities/*/delete',
        ...RESOURCE_BASICS,
      ],
    },
  ),
  role(ROLE_IDS.locksContributor, 'Locks Contributor', 'Puts locks on resources and takes them off.', {
    actions: ['read', 'write', 'delete'].map((verb) => `Microsoft.Authorization/locks/${verb}`),
  }),
  role(
    ROLE_IDS.keyVaultPurgeOperator,
    'Key Vault Purge Operator',
    'Purges deleted vaults for good. A role to be held for minutes, not for days.',
    {
      actions: [
        'Microsoft.KeyVault/locations/deletedVaults/read',
        'Microsoft.KeyVault/locations/deletedVaults/purge/action',
        'Microsoft.KeyVault/locations/operationResults/read',
      ],
    },
  ),
  role(
    ROLE_IDS.monitoringContributor,
    'Monitoring Contributor',
    'Reads all monitoring data and changes alerts, action groups and diagnostic settings.',
    {
      actions: [
        '*/read',
        'Microsoft.AlertsManagement/*',
        'Microsoft.Insights/actionGroups/*',
        'Microsoft.Insights/activityLogAlerts/*',
        'Microsoft.Insights/alertRules/*',
        'Microsoft.Insights/diagnosticSettings/*',
        'Microsoft.Insights/eventtypes/*',
        'Microsoft.Insights/metricAlerts/*',
        'Microsoft.Insights/metrics/*',
        'Microsoft.Support/*',
      ],
    },
  ),
  role(
    ROLE_IDS.managedHsmContributor,
    'Managed HSM contributor',
    'Manages HSM pools as resources. Gives no right to the keys in them.',
    {
      actions: [
        'Microsoft.KeyVault/managedHSMs/*',
        'Microsoft.KeyVault/deletedManagedHsms/read',
        'Microsoft.KeyVault/locations/deletedManagedHsms/*',
        'Microsoft.KeyVault/locations/managedHsmOperationResults/*',
      ],
    },
  ),
  role(
    ROLE_IDS.keyVaultContributor,
    'Key Vault Contributor',
    'Manages vaults as resources. Neither reads what is in them nor hands out roles.',
    {
      actions: ['Microsoft.KeyVault/*', ...RESOURCE_BASICS],
      notActions: [
        'Microsoft.KeyVault/locations/deletedVaults/purge/action',
        'Microsoft.KeyVault/hsmPools/*',
        'Microsoft.KeyVault/managedHsms/*',
      ],
    },
  ),
  role(
    ROLE_IDS.keyVaultDataAccessAdministrator,
    'Key Vault Data Access Administrator',
    'Gives and takes the Key Vault data roles, and no other role.',
    {
      actions: [
        'Microsoft.Authorization/roleAssignments/write',
        'Microsoft.Authorization/roleAssignments/delete',
        'Microsoft.Authorization/*/read',
        'Microsoft.Resources/deployments/*',
        'Microsoft.Resources/subscriptions/read',
        'Microsoft.Resources/subscriptions/resourceGroups/read',
        'Microsoft.Management/managementGroups/read',
        'Microsoft.KeyVault/vaults/*/read',
        'Microsoft.Support/*',
      ],
      assignableRoleIds: KEY_VAULT_DATA_ROLE_IDS,
    },
  ),
  role(
    ROLE_IDS.rbacAdministrator,
    'Role Based Access Control Administrator',
    'Gives and takes roles, and sees everything.',
    {
      actions: [
        'Microsoft.Authorization/roleAssignments/write',
        'Microsoft.Authorization/roleAssignments/delete',
        '*/read',
        'Microsoft.Support/*',
      ],
    },
  ),
  role(
    ROLE_IDS.userAccessAdministrator,
    'User Access Administrator',
    'Manages who may do what: roles, locks and policies; sees everything.',
    { actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'] },
  ),
  role(
    ROLE_IDS.contributor,
    'Contributor',
    'Manages every resource. Hands out no roles, and reads nothing that a vault protects by roles.',
    {
      actions: ['*'],
      notActions: [
        'Microsoft.Authorization/*/Delete',
        'Microsoft.Authorization/*/Write',
        'Microsoft.Authorization/elevateAccess/Action',
        'Microsoft.Blueprint/blueprintAssignments/write',
        'Microsoft.Blueprint/blueprintAssignments/delete',
        'Microsoft.Compute/galleries/share/action',
      ],
    },
  ),
  role(ROLE_IDS.owner, 'Owner', 'Manages everything, roles included. Has no data actions of its own.', {
    actions: ['*'],
  }),
]

const ROLES_BY_ID = new Map(BUILT_IN_ROLES.map((r) => [r.id, r]))

/** Finds a definition by its bare id or by a resource id that ends in it. */
export const findRole = (idOrResourceId: string): RoleDefinition | undefined =>
  ROLES_BY_ID.get((idOrResourceId.split('/').at(-1) ?? '').toLowerCase())

/** Finds a definition by its display name, without case. */
export const findRoleByName = (name: string): RoleDefinition | undefined =>
  BUILT_IN_ROLES.find((r) => r.name.toLowerCase() === name.toLowerCase())

export type ResourceLock = {
  id: string
  scope: string
  name: string
  level: 'CanNotDelete' | 'ReadOnly'
  notes: string
  createdAt: Date
  createdBy: string
}
