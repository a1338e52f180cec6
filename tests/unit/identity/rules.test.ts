import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BUILT_IN_ROLES,
  findRole,
  findRoleByName,
  type Grant,
  ROLE_IDS,
  type RoleDefinition,
} from '@/server/identity/model'
import {
  authorizationFailed,
  describeScope,
  findGrant,
  isInForce,
  isRestorable,
  listRoleNames,
  matchesAction,
  mayManageRole,
  roleAllows,
  rolesAllowing,
  toPermission,
} from '@/server/identity/rules'

const SUB = '/subscriptions/11111111-1111-4111-8111-111111111111'
const GROUP = `${SUB}/resourceGroups/rg`
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv`
const WRAP = 'Microsoft.KeyVault/vaults/keys/wrap/action'
const ASSIGN = 'Microsoft.Authorization/roleAssignments/write'

const role = (id: string): RoleDefinition => findRole(id)!
const grant = (roleId: string, scope: string): Grant => ({
  assignmentId: `${roleId}@${scope}`,
  scope,
  role: role(roleId),
})

const word = fc.stringMatching(/^[A-Za-z][A-Za-z.]{0,8}$/)
const action = fc.array(word, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))

describe('matching of actions', () => {
  it('covers an action by itself, whatever the case', () => {
    fc.assert(fc.property(action, (a) => matchesAction(a.toUpperCase(), a.toLowerCase())))
  })

  it('covers everything by a lone star', () => {
    fc.assert(fc.property(action, (a) => matchesAction('*', a)))
  })

  it('covers by a star whatever stands in its place, slashes included', () => {
    fc.assert(fc.property(action, action, action, (a, b, c) => matchesAction(`${a}/*/${c}`, `${a}/${b}/${c}`)))
  })

  it('covers nothing that begins otherwise than the pattern', () => {
    fc.assert(
      fc.property(action, action, (a, b) => !matchesAction(`${a}/*`, b) || b.toLowerCase().startsWith(a.toLowerCase())),
    )
  })

  it('covers vaults/read by vaults/*/read, as Azure does', () => {
    expect(matchesAction('Microsoft.KeyVault/vaults/*/read', 'Microsoft.KeyVault/vaults/read')).toBe(true)
    expect(matchesAction('Microsoft.KeyVault/vaults/*/read', 'Microsoft.KeyVault/vaultsX/read')).toBe(false)
  })

  it('takes a dot for a dot, and for nothing else', () => {
    expect(matchesAction('Microsoft.KeyVault/*', 'MicrosoftxKeyVault/vaults/read')).toBe(false)
    expect(matchesAction('Microsoft.*', 'Microsoft.KeyVault/vaults/read')).toBe(true)
  })

  it('needs the whole action, not a part of it', () => {
    expect(matchesAction('vaults/read', 'Microsoft.KeyVault/vaults/read')).toBe(false)
    expect(matchesAction('Microsoft.KeyVault/vaults', 'Microsoft.KeyVault/vaults/read')).toBe(false)
  })
})

describe('roles', () => {
  it('have an id and a name of their own each', () => {
    expect(new Set(BUILT_IN_ROLES.map((r) => r.id)).size).toBe(BUILT_IN_ROLES.length)
    expect(new Set(BUILT_IN_ROLES.map((r) => r.name.toLowerCase())).size).toBe(BUILT_IN_ROLES.length)
    expect(BUILT_IN_ROLES).toHaveLength(Object.keys(ROLE_IDS).length)
  })

  it('are found by bare id, by resource id and by name', () => {
    const path = `${SUB}/providers/Microsoft.Authorization/roleDefinitions/${ROLE_IDS.reader.toUpperCase()}`
    expect(findRole(path)?.name).toBe('Reader')
    expect(findRoleByName('key vault crypto officer')?.id).toBe(ROLE_IDS.keyVaultCryptoOfficer)
    expect(findRole('nothing')).toBeUndefined()
  })

  it('subtract notActions inside themselves: Contributor hands out no roles, whatever else it may', () => {
    expect(roleAllows(role(ROLE_IDS.contributor), 'actions', ASSIGN)).toBe(false)
    expect(roleAllows(role(ROLE_IDS.contributor), 'actions', 'Microsoft.KeyVault/vaults/write')).toBe(true)
  })

  it('do not subtract from one another: Contributor beside User Access Administrator may hand out roles', () => {
    const grants = [grant(ROLE_IDS.contributor, SUB), grant(ROLE_IDS.userAccessAdministrator, SUB)]
    expect(findGrant(grants, 'actions', ASSIGN, VAULT)?.role.name).toBe('User Access Administrator')
  })

  it.each([ROLE_IDS.owner, ROLE_IDS.contributor, ROLE_IDS.keyVaultContributor, ROLE_IDS.reader])(
    '%s gives no right to use a key',
    (id) => expect(roleAllows(role(id), 'dataActions', WRAP)).toBe(false),
  )

  it('let the encryption user read, wrap and unwrap keys, and nothing more of the data plane', () => {
    const user = role(ROLE_IDS.keyVaultCryptoServiceEncryptionUser)
    const allowed = ['read', 'wrap/action', 'unwrap/action'].map((v) => `Microsoft.KeyVault/vaults/keys/${v}`)
    for (const a of allowed) expect(roleAllows(user, 'dataActions', a)).toBe(true)
    for (const v of ['decrypt/action', 'delete', 'create/action', 'purge/action'])
      expect(roleAllows(user, 'dataActions', `Microsoft.KeyVault/vaults/keys/${v}`)).toBe(false)
  })

  it('keep purging of vaults from Key Vault Contributor', () => {
    const purge = 'Microsoft.KeyVault/locations/deletedVaults/purge/action'
    expect(roleAllows(role(ROLE_IDS.keyVaultContributor), 'actions', purge)).toBe(false)
    expect(roleAllows(role(ROLE_IDS.keyVaultPurgeOperator), 'actions', purge)).toBe(true)
  })

  it('are proposed least privileged first', () => {
    const names = (kind: 'actions' | 'dataActions', a: string) => rolesAllowing(kind, a).map((r) => r.name)
    expect(names('dataActions', 'Microsoft.KeyVault/vaults/keys/create/action')).toEqual([
      'Key Vault Crypto Officer',
      'Key Vault Administrator',
    ])
    expect(names('dataActions', WRAP)[0]).toBe('Key Vault Crypto Service Encryption User')
    expect(names('actions', 'Microsoft.KeyVault/vaults/write')).toEqual([
      'Key Vault Contributor',
      'Contributor',
      'Owner',
    ])
    expect(names('actions', 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action')[0]).toBe(
      'Managed Identity Operator',
    )
    expect(names('actions', 'Portcullis.Simulation/clock/advance')[0]).toBe('Simulation Operator')
  })
})

describe('scopes', () => {
  it('hand a right down to everything below, and to nothing beside', () => {
    const grants = [grant(ROLE_IDS.reader, GROUP)]
    const read = (target: string) => !!findGrant(grants, 'actions', 'Microsoft.KeyVault/vaults/read', target)
    expect(read(VAULT)).toBe(true)
    expect(read(`${VAULT}/keys/k`)).toBe(true)
    expect(read(VAULT.toUpperCase())).toBe(true)
    expect(read(SUB)).toBe(false)
    expect(read(`${SUB}/resourceGroups/rg2/providers/Microsoft.KeyVault/vaults/kv`)).toBe(false)
  })

  it('of the tenant cover every resource', () => {
    expect(findGrant([grant(ROLE_IDS.owner, '/')], 'actions', 'Microsoft.KeyVault/vaults/delete', VAULT)).toBeDefined()
  })

  it('are named as people name them', () => {
    expect(describeScope(VAULT)).toBe('the key vault kv')
    expect(describeScope(GROUP)).toBe('the resource group rg')
    expect(describeScope('/')).toBe('the whole tenant')
  })
})

describe('an assignment', () => {
  const at = (ms: number) => new Date(ms)

  it('counts from the instant it takes effect until just before it ceases', () => {
    const window = { effectiveAt: at(1000), ceasesAt: at(2000) }
    expect([999, 1000, 1999, 2000].map((ms) => isInForce(window, at(ms)))).toEqual([false, true, true, false])
    expect(isInForce({ effectiveAt: at(1000), ceasesAt: null }, at(9e12))).toBe(true)
  })
})

describe('handing out roles', () => {
  const may = (holder: string, roleId: string) => mayManageRole([grant(holder, VAULT)], ASSIGN, roleId, VAULT)

  it('is limited to the Key Vault data roles for Key Vault Data Access Administrator', () => {
    expect(may(ROLE_IDS.keyVaultDataAccessAdministrator, ROLE_IDS.keyVaultCryptoServiceEncryptionUser)).toBe(true)
    expect(may(ROLE_IDS.keyVaultDataAccessAdministrator, ROLE_IDS.owner)).toBe(false)
  })

  it('is not limited for Owner and User Access Administrator, and is denied to Contributor', () => {
    expect(may(ROLE_IDS.owner, ROLE_IDS.owner)).toBe(true)
    expect(may(ROLE_IDS.userAccessAdministrator, ROLE_IDS.owner)).toBe(true)
    expect(may(ROLE_IDS.contributor, ROLE_IDS.reader)).toBe(false)
  })
})

describe('a refusal', () => {
  const dba = { objectId: 'o', kind: 'User' as const, displayName: 'Dana', upn: 'dana@x', groupIds: [] }

  it('speaks in the words of Azure and names the roles that would help', () => {
    const error = authorizationFailed(dba, 'Microsoft.KeyVault/vaults/write', VAULT)
    expect(error.code).toBe('AuthorizationFailed')
    expect(error.publicMessage).toBe(
      `The client 'dana@x' with object id 'o' does not have authorization to perform action 'Microsoft.KeyVault/vaults/write' over scope '${VAULT}' or the scope is invalid. If access was recently granted, please refresh your credentials. The role Key Vault Contributor, Contributor or Owner on the key vault kv allows it.`,
    )
  })

  it('gives a disabled button its reason', () => {
    const roles = rolesAllowing('dataActions', 'Microsoft.KeyVault/vaults/keys/create/action')
    expect(toPermission(false, roles, VAULT)).toEqual({
      allowed: false,
      reason: 'You need the role Key Vault Crypto Officer or Key Vault Administrator on the key vault kv.',
      missingRoles: ['Key Vault Crypto Officer', 'Key Vault Administrator'],
    })
  })

  it('names three roles at most', () => {
    expect(listRoleNames(['A', 'B', 'C', 'D'])).toBe('A, B or C')
    expect(listRoleNames(['A'])).toBe('A')
  })
})

describe('a deleted directory object', () => {
  it('can be restored until 30 days are over', () => {
    const day = 86_400_000
    const deletedAt = new Date(1_700_000_000_000)
    expect(isRestorable(deletedAt, new Date(deletedAt.getTime() + 30 * day - 1))).toBe(true)
    expect(isRestorable(deletedAt, new Date(deletedAt.getTime() + 30 * day))).toBe(false)
  })
})
