import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DateTime } from 'luxon'
import { READY_MADE } from '@/server/alerts/model/ready-made'
import { listAlertRules, saveActionGroup, saveAlertRule } from '@/server/alerts/service'
import { isAdvanceDone, openContext, requestAdvance, setClockRate, wallClock } from '@/server/clock/service'
import type { Engine } from '@/server/engine'
import { ROLE_IDS } from '@/server/identity/model'
import {
  assignRole,
  createManagedIdentity,
  createResourceGroup,
  createServicePrincipal,
  createSubscription,
  createTenant,
  createUser,
  findPrincipal,
  findTenant,
  getManagedIdentity,
  getResourceGroup,
  listRoleAssignments,
  listSubscriptions,
  markSeeded,
} from '@/server/identity/service'
import type { Config } from '@/server/kernel/config'
import { type Ctx, type Principal, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { isAppError } from '@/server/kernel/errors'
import { newVersionId, stableId } from '@/server/kernel/ids'
import { RESOURCE_TYPES, resourceGroupId, resourceId, subscriptionScope } from '@/server/kernel/resource-id'
import { realSleep } from '@/server/kernel/time'
import { createVault, findVaultByName, setAccessPolicy, vaultKeys } from '@/server/keyvault/service'
import { HSM_ROLE_IDS } from '@/server/managed-hsm/model'
import {
  activateManagedHsm,
  assignHsmRole,
  createManagedHsm,
  findHsmByName,
  hsmKeys,
} from '@/server/managed-hsm/service'
import { markNotificationsSeen, notifications } from '@/server/monitor/service'
import type { CreateServerInput, EncryptionInput } from '@/server/postgres/contract'
import { createServer, listServers } from '@/server/postgres/service'
import { getOperation } from '@/server/workflow/service'

/** Contoso, the tenant in which the story plays. All ids of the seed are fixed, so that links and scripts stay good. */
export const CONTOSO = stableId('tenant contoso')
export const PRODUCTION = stableId('subscription contoso production')
export const DEVELOPMENT = stableId('subscription contoso development')
const REGION = 'northeurope'
const PAIRED = 'westeurope'

export const GROUPS = {
  security: { subscriptionId: PRODUCTION, name: 'rg-security-neu', location: REGION },
  securityPaired: { subscriptionId: PRODUCTION, name: 'rg-security-weu', location: PAIRED },
  data: { subscriptionId: PRODUCTION, name: 'rg-data-neu', location: REGION },
  dev: { subscriptionId: DEVELOPMENT, name: 'rg-dev', location: REGION },
} as const

type Person = { displayName: string; upn: string; jobTitle: string }
const person = (displayName: string, jobTitle: string): Person & { id: string } => ({
  id: stableId(`contoso person ${displayName}`),
  displayName,
  upn: `${displayName.split(' ')[0]!.toLowerCase()}@contoso.example`,
  jobTitle,
})

// Whoever opens the portal for the first time is the first of these by name.
export const PEOPLE = {
  instructor: person('Aino Novak', 'Instructor: owns everything, moves the clock'),
  officer: person('Sofia Lindqvist', 'Security officer: keys, vaults, who may use them'),
  dba: person('Daniel Okafor', 'Database administrator: creates and runs servers'),
  sysadmin: person('Amira Hassan', 'System administrator: identities and the development subscription'),
  auditor: person('Tomas Rivera', 'Auditor: reads everything, changes nothing'),
} as const

export const AUTOMATION_APP_ID = stableId('contoso application automation')
const AUTOMATION_ID = stableId('contoso principal automation')

const scopeOf = (group: { subscriptionId: string; name: string }) => resourceGroupId(group.subscriptionId, group.name)
const identityIdOf = (name: string, group: { subscriptionId: string; name: string } = GROUPS.data) =>
  resourceId({ subscriptionId: group.subscriptionId, resourceGroup: group.name, type: RESOURCE_TYPES.identity, name })
const vaultIdOf = (name: string, group: { subscriptionId: string; name: string }) =>
  resourceId({ subscriptionId: group.subscriptionId, resourceGroup: group.name, type: RESOURCE_TYPES.vault, name })

export const VAULTS = {
  main: { name: 'contoso-kv-neu', group: GROUPS.security, location: REGION, rbac: true, purgeProtection: true },
  paired: { name: 'contoso-kv-weu', group: GROUPS.securityPaired, location: PAIRED, rbac: true, purgeProtection: true },
  policies: { name: 'contoso-policy-kv', group: GROUPS.security, location: REGION, rbac: false, purgeProtection: true },
  dev: { name: 'contoso-dev-kv', group: GROUPS.dev, location: REGION, rbac: true, purgeProtection: false },
} as const
export const HSM = { name: 'contoso-hsm-neu', group: GROUPS.security, location: REGION }

/**
 * Builds Contoso by the same services that the portal calls, a day before now, and lets the day pass. Killed anywhere,
 * the next start goes on: whatever exists is left as it is.
 * @param tell is told what is being done, for the person who waits.
 */
export async function seed(engine: Engine, config: Config, tell: (line: string) => void): Promise<void> {
  const { db } = engine
  if (!(await findTenant(db, CONTOSO))) {
    const { custody } = engine.wiring.surfaceEnv
    const startAt = DateTime.fromJSDate(wallClock()).minus({ days: 1 }).toJSDate()
    await createTenant({ db, custody }, { id: CONTOSO, name: 'Contoso', domain: 'contoso.example', startAt, rate: 0 })
  }
  const service = () => engine.serviceContext(CONTOSO)
  const as = async (who: { id: string }): Promise<Ctx> => {
    const base = await service()
    const principal = (await findPrincipal(base, who.id)) as Principal
    return openContext({ db, custody: base.custody, tenantId: CONTOSO, principal })
  }

  tell('Contoso: people, groups, roles')
  await seedDirectory(await service())
  tell('Contoso: vaults and a Managed HSM, with real RSA keys')
  await seedVaults(await as(PEOPLE.officer))
  await seedHsm(await as(PEOPLE.officer))
  await seedKeys(() => as(PEOPLE.officer))
  await seedRights(await as(PEOPLE.instructor), await as(PEOPLE.officer))
  tell('Contoso: alert rules')
  await seedAlerts(await as(PEOPLE.instructor))
  tell('Contoso: servers')
  await seedServers(engine, () => as(PEOPLE.instructor), config.dataDir)
  for (const who of Object.values(PEOPLE)) await seeAll(await as(who))
  tell('Contoso: a day passes; one key is disabled')
  await letTheDayPass(engine, as)
  await markSeeded(await service())
}

async function seedDirectory(ctx: Ctx): Promise<void> {
  const subscriptions = (await listSubscriptions(ctx)).map((s) => s.id)
  for (const [id, name] of [
    [PRODUCTION, 'Contoso Production'],
    [DEVELOPMENT, 'Contoso Development'],
  ] as const) {
    if (!subscriptions.includes(id)) await createSubscription(ctx, { id, name })
  }
  for (const group of Object.values(GROUPS)) {
    if (!(await getResourceGroup(ctx, scopeOf(group)))) await createResourceGroup(ctx, { ...group, tags: {} })
  }
  for (const who of Object.values(PEOPLE)) if (!(await findPrincipal(ctx, who.id))) await createUser(ctx, who)
  if (!(await findPrincipal(ctx, AUTOMATION_ID))) {
    await createServicePrincipal(ctx, { id: AUTOMATION_ID, appId: AUTOMATION_APP_ID, displayName: 'automation' })
  }
  for (const name of ['id-orders-neu', 'id-billing-neu', 'id-ledger-neu', 'id-archive-neu', 'id-spare-neu']) {
    await identityOnce(ctx, name, REGION)
  }
  await identityOnce(ctx, 'id-orders-weu', PAIRED)
  await seedRoles(ctx)
}

async function identityOnce(ctx: Ctx, name: string, location: string): Promise<void> {
  if (await getManagedIdentity(ctx, identityIdOf(name))) return
  await createManagedIdentity(ctx, {
    subscriptionId: PRODUCTION,
    resourceGroup: GROUPS.data.name,
    name,
    location,
    tags: {},
  })
}

async function seedRoles(ctx: Ctx): Promise<void> {
  const production = subscriptionScope(PRODUCTION)
  const development = subscriptionScope(DEVELOPMENT)
  const security = [scopeOf(GROUPS.security), scopeOf(GROUPS.securityPaired)]
  const { instructor, officer, dba, sysadmin, auditor } = PEOPLE
  const grants: [string, string, string][] = [
    ...[production, development].flatMap((scope): [string, string, string][] => [
      [instructor.id, ROLE_IDS.owner, scope],
      [instructor.id, ROLE_IDS.keyVaultAdministrator, scope],
      [AUTOMATION_ID, ROLE_IDS.owner, scope],
      [AUTOMATION_ID, ROLE_IDS.keyVaultAdministrator, scope],
      [officer.id, ROLE_IDS.reader, scope],
      [officer.id, ROLE_IDS.monitoringContributor, scope],
      [auditor.id, ROLE_IDS.reader, scope],
      [auditor.id, ROLE_IDS.monitoringReader, scope],
    ]),
    ...[...security, scopeOf(GROUPS.dev)].flatMap((scope): [string, string, string][] => [
      [officer.id, ROLE_IDS.keyVaultContributor, scope],
      [officer.id, ROLE_IDS.managedHsmContributor, scope],
      [officer.id, ROLE_IDS.keyVaultCryptoOfficer, scope],
      [officer.id, ROLE_IDS.keyVaultDataAccessAdministrator, scope],
      [auditor.id, ROLE_IDS.keyVaultReader, scope],
    ]),
    [dba.id, ROLE_IDS.reader, production],
    [dba.id, ROLE_IDS.contributor, scopeOf(GROUPS.data)],
    [dba.id, ROLE_IDS.managedIdentityOperator, scopeOf(GROUPS.data)],
    [dba.id, ROLE_IDS.keyVaultReader, security[0]!],
    [dba.id, ROLE_IDS.keyVaultReader, security[1]!],
    [sysadmin.id, ROLE_IDS.reader, production],
    [sysadmin.id, ROLE_IDS.contributor, development],
    [sysadmin.id, ROLE_IDS.managedIdentityContributor, scopeOf(GROUPS.data)],
    ...[instructor.id, officer.id, dba.id, sysadmin.id, AUTOMATION_ID].map((id): [string, string, string] => [
      id,
      ROLE_IDS.simulationOperator,
      '/',
    ]),
  ]
  for (const [principalId, roleDefinitionId, scope] of grants)
    await roleOnce(ctx, { principalId, roleDefinitionId, scope })
}

async function roleOnce(
  ctx: Ctx,
  grant: { principalId: string; roleDefinitionId: string; scope: string },
): Promise<void> {
  const id = stableId(`grant ${grant.principalId} ${grant.roleDefinitionId} ${grant.scope}`)
  const service = { ...ctx, principal: SERVICE_PRINCIPAL }
  const existing = await listRoleAssignments(service, grant.scope, { inherited: false })
  if (!existing.some((a) => a.principalId === grant.principalId && a.roleDefinitionId === grant.roleDefinitionId))
    await assignRole(ctx, { ...grant, id })
}

async function seedVaults(ctx: Ctx): Promise<void> {
  for (const { name, group, location, rbac, purgeProtection } of Object.values(VAULTS)) {
    if (await findVaultByName(ctx, name)) continue
    await createVault(ctx, {
      subscriptionId: group.subscriptionId,
      resourceGroup: group.name,
      name,
      location,
      sku: 'premium',
      rbac,
      accessPolicies: rbac
        ? []
        : [
            {
              objectId: PEOPLE.officer.id,
              keys: [
                'get',
                'list',
                'create',
                'update',
                'delete',
                'recover',
                'rotate',
                'getrotationpolicy',
                'setrotationpolicy',
              ],
            },
            { objectId: PEOPLE.dba.id, keys: ['list', 'get'] },
          ],
      softDeleteDays: name === VAULTS.dev.name ? 7 : 90,
      purgeProtection,
      publicNetworkAccess: true,
      networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [] },
      tags: {},
    })
  }
}

async function seedHsm(ctx: Ctx): Promise<void> {
  if (!(await findHsmByName(ctx, HSM.name))) {
    await createManagedHsm(ctx, {
      subscriptionId: HSM.group.subscriptionId,
      resourceGroup: HSM.group.name,
      name: HSM.name,
      location: HSM.location,
      adminObjectIds: [PEOPLE.officer.id, PEOPLE.instructor.id, AUTOMATION_ID],
      softDeleteDays: 90,
      purgeProtection: true,
      publicNetworkAccess: true,
      networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [] },
      tags: {},
    })
  }
  const hsm = await findHsmByName(ctx, HSM.name)
  if (!hsm?.activatedAt) await activateManagedHsm(ctx, HSM.name, { publicKeys: holderKeys(), quorum: 2 })
  const grants: [string, string][] = [
    [PEOPLE.officer.id, HSM_ROLE_IDS.cryptoOfficer],
    [PEOPLE.officer.id, HSM_ROLE_IDS.cryptoUser],
    [PEOPLE.instructor.id, HSM_ROLE_IDS.cryptoOfficer],
    [PEOPLE.instructor.id, HSM_ROLE_IDS.cryptoUser],
    [AUTOMATION_ID, HSM_ROLE_IDS.cryptoOfficer],
    [AUTOMATION_ID, HSM_ROLE_IDS.cryptoUser],
    [PEOPLE.auditor.id, HSM_ROLE_IDS.cryptoAuditor],
    [PEOPLE.dba.id, HSM_ROLE_IDS.cryptoAuditor],
  ]
  for (const [principalId, roleDefinitionId] of grants)
    await assignHsmRole(ctx, HSM.name, { scope: '/', roleDefinitionId, principalId })
}

/** Three holders' public keys; their private halves are thrown away. SIMULATED: nobody is meant to restore Contoso's domain. */
const holderKeys = (): string[] =>
  [1, 2, 3].map(() => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    return createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()
  })

async function seedKeys(officer: () => Promise<Ctx>): Promise<void> {
  const ctx = await officer()
  const soon = DateTime.fromJSDate(ctx.now).plus({ days: 13 }).toJSDate()
  const tasks = [
    () => keyOnce(ctx, VAULTS.main.name, { name: 'orders-cmk', kty: 'RSA', keySize: 4096 }),
    () => keyOnce(ctx, VAULTS.main.name, { name: 'billing-cmk', kty: 'RSA', keySize: 4096 }),
    () => keyOnce(ctx, VAULTS.main.name, { name: 'archive-cmk', kty: 'RSA', keySize: 3072 }),
    () => keyOnce(ctx, VAULTS.main.name, { name: 'reports-cmk', kty: 'RSA', keySize: 2048, expires: soon }),
    () => keyOnce(ctx, VAULTS.main.name, { name: 'signing-ec', kty: 'EC', crv: 'P-256' }),
    () => keyOnce(ctx, VAULTS.paired.name, { name: 'orders-geo-cmk', kty: 'RSA', keySize: 4096 }),
    () => keyOnce(ctx, VAULTS.policies.name, { name: 'legacy-cmk', kty: 'RSA', keySize: 3072 }),
    () => keyOnce(ctx, VAULTS.dev.name, { name: 'dev-cmk', kty: 'RSA', keySize: 2048 }),
    () => hsmKeyOnce(ctx, { name: 'ledger-cmk', kty: 'RSA-HSM', keySize: 4096 }),
  ]
  await Promise.all(tasks.map((task) => task()))
  await vaultKeys(ctx, VAULTS.main.name).setRotationPolicy('billing-cmk', {
    expiryTime: 'P2Y',
    rotate: { timeAfterCreate: 'P90D', timeBeforeExpiry: null },
    notifyBeforeExpiry: 'P30D',
  })
}

type SeedKey = { name: string; kty: string; keySize?: number; crv?: 'P-256'; expires?: Date }

async function keyOnce(ctx: Ctx, vault: string, key: SeedKey): Promise<void> {
  if (!(await exists(() => vaultKeys(ctx, vault).get(key.name)))) await vaultKeys(ctx, vault).create(key)
}

async function hsmKeyOnce(ctx: Ctx, key: SeedKey): Promise<void> {
  if (!(await exists(() => hsmKeys(ctx, HSM.name).get(key.name)))) await hsmKeys(ctx, HSM.name).create(key)
}

async function exists(look: () => Promise<unknown>): Promise<boolean> {
  try {
    await look()
    return true
  } catch (error) {
    if (isAppError(error) && error.code === 'KeyNotFound') return false
    throw error
  }
}

/** What each server's identity may do with its key; the officer grants it, as in life. */
async function seedRights(instructor: Ctx, officer: Ctx): Promise<void> {
  const principalOf = async (name: string) => (await getManagedIdentity(instructor, identityIdOf(name)))!.principalId
  const role = ROLE_IDS.keyVaultCryptoServiceEncryptionUser
  const main = vaultIdOf(VAULTS.main.name, GROUPS.security)
  for (const name of ['id-orders-neu', 'id-billing-neu', 'id-archive-neu']) {
    await roleOnce(officer, { principalId: await principalOf(name), roleDefinitionId: role, scope: main })
  }
  const paired = vaultIdOf(VAULTS.paired.name, GROUPS.securityPaired)
  await roleOnce(officer, { principalId: await principalOf('id-orders-weu'), roleDefinitionId: role, scope: paired })
  await assignHsmRole(officer, HSM.name, {
    scope: '/keys/ledger-cmk',
    roleDefinitionId: HSM_ROLE_IDS.cryptoServiceEncryptionUser,
    principalId: await principalOf('id-ledger-neu'),
  })
  await setAccessPolicy(officer, vaultIdOf(VAULTS.policies.name, GROUPS.security), {
    objectId: await principalOf('id-spare-neu'),
    keys: ['get', 'list', 'wrapKey', 'unwrapKey'],
  })
}

/** Rules for the first day; they tell the inbox, and the officer by e-mail once there is a mail server. */
async function seedAlerts(ctx: Ctx): Promise<void> {
  const place = { subscriptionId: PRODUCTION, resourceGroup: GROUPS.security.name }
  const { id } = (
    await saveActionGroup(ctx, {
      ...place,
      name: 'ag-key-guards',
      shortName: 'key guards',
      receivers: {
        inboxes: [{ name: 'portal inbox' }],
        emails: [{ name: 'security officer', emailAddress: PEOPLE.officer.upn }],
      },
    })
  ).group
  const present = (await listAlertRules(ctx)).map((rule) => rule.name)
  const scopes = [subscriptionScope(PRODUCTION), subscriptionScope(DEVELOPMENT)]
  for (const rule of READY_MADE) {
    if (!present.includes(rule.name)) await saveAlertRule(ctx, { ...place, ...rule, scopes, actionGroupIds: [id] })
  }
}

const vaultUri = (vault: string, key: string, version = '') =>
  `https://${vault}.vault.localhost/keys/${key}${version && `/${version}`}`

async function seedServers(engine: Engine, owner: () => Promise<Ctx>, dataDir: string): Promise<void> {
  const ctx = await owner()
  const version = async (key: string) => (await vaultKeys(ctx, VAULTS.main.name).get(key)).version
  const choice = (identity: string, keyUri: string, autoUpdate: boolean) => ({
    identityId: identityIdOf(identity),
    keyUri,
    autoUpdate,
  })
  const managed = (
    primary: ReturnType<typeof choice>,
    geo: ReturnType<typeof choice> | null = null,
  ): EncryptionInput => ({ type: 'AzureKeyVault', primary, geo })
  const ordersUri = vaultUri(VAULTS.main.name, 'orders-cmk', await version('orders-cmk'))
  const plans: [string, EncryptionInput, boolean][] = [
    ['contoso-web', { type: 'SystemManaged', primary: null, geo: null }, false],
    [
      'contoso-orders',
      managed(
        choice('id-orders-neu', ordersUri, false),
        choice('id-orders-weu', vaultUri(VAULTS.paired.name, 'orders-geo-cmk'), true),
      ),
      true,
    ],
    ['contoso-billing', managed(choice('id-billing-neu', vaultUri(VAULTS.main.name, 'billing-cmk'), true)), false],
    [
      'contoso-ledger',
      managed(choice('id-ledger-neu', `https://${HSM.name}.managedhsm.localhost/keys/ledger-cmk`, true)),
      false,
    ],
    ['contoso-archive', managed(choice('id-archive-neu', vaultUri(VAULTS.main.name, 'archive-cmk'), true)), false],
  ]
  const present = (await listServers(ctx)).map((s) => s.name)
  for (const [name, encryption, geoRedundant] of plans) {
    if (present.includes(name)) continue
    const { operationId } = await createServer(
      await owner(),
      engine.wiring.keyAccess,
      serverInput(name, encryption, geoRedundant, name === DEMO_SERVER ? keptDemoPassword(dataDir) : undefined),
    )
    await untilEnded(engine, await owner(), operationId)
  }
}

const randomPassword = (): string => `Aa1!${newVersionId()}`

/** A plausible request; the password is random, and known to the caller alone. */
export function serverInput(
  name: string,
  encryption: EncryptionInput,
  geoRedundant = false,
  password = randomPassword(),
): CreateServerInput {
  return {
    basics: {
      subscriptionId: GROUPS.data.subscriptionId,
      resourceGroup: GROUPS.data.name,
      name,
      location: REGION,
      version: '18',
      workloadType: 'Production',
      availabilityZone: 'none',
      compute: { tier: 'GeneralPurpose', sku: 'Standard_D2ds_v5' },
      storage: {
        type: 'Premium_LRS',
        sizeGiB: 128,
        performanceTier: null,
        autoGrow: true,
        iops: null,
        throughput: null,
      },
      highAvailability: { mode: 'Disabled', standbyZone: 'none' },
      backup: { retentionDays: 14, geoRedundant },
      authentication: {
        method: 'PasswordOnly',
        administratorLogin: ADMINISTRATOR,
        password,
        entraAdministrator: null,
      },
    },
    networking: {
      connectivity: 'Public',
      publicAccess: true,
      allowAzureServices: false,
      firewallRules: [{ name: 'loopback', startIp: '127.0.0.1', endIp: '127.0.0.1' }],
      virtualNetwork: '',
      subnet: '',
      privateDnsZone: '',
    },
    encryption,
    tags: [{ name: 'owner', value: 'contoso' }],
  }
}

const POLL_MS = 25

async function untilEnded(engine: Engine, ctx: Ctx, operationId: string): Promise<void> {
  for (;;) {
    const { status, error } = await getOperation({ ...ctx, db: engine.db }, operationId)
    if (status === 'Succeeded') return
    if (status === 'Failed' || status === 'Canceled')
      throw new Error(`Seeding a server ended ${status}: ${error?.message}`)
    await realSleep(POLL_MS)
  }
}

/** How the tenant came to be is no news: the bell begins with the day after. */
const seeAll = async (ctx: Ctx): Promise<void> => markNotificationsSeen(ctx, (await notifications(ctx)).newestSeq)

/** The day before now goes by: sweeps run, the archive's key is disabled, its server falls. Then the clock runs free. */
async function letTheDayPass(engine: Engine, as: (who: { id: string }) => Promise<Ctx>): Promise<void> {
  const target = wallClock()
  const fallAt = DateTime.fromJSDate(target).minus({ hours: 3 }).toJSDate()
  await advanceTo(engine, as, fallAt)
  const officer = await as(PEOPLE.officer)
  const archive = await vaultKeys(officer, VAULTS.main.name).get('archive-cmk')
  if (archive.enabled) await vaultKeys(officer, VAULTS.main.name).update('archive-cmk', null, { enabled: false })
  await advanceTo(engine, as, target)
  await setClockRate(await as(PEOPLE.instructor), 1)
}

async function advanceTo(engine: Engine, as: (who: { id: string }) => Promise<Ctx>, to: Date): Promise<void> {
  const ctx = await as(PEOPLE.instructor)
  const seconds = Math.floor((to.getTime() - ctx.now.getTime()) / 1000)
  if (seconds < 1) return
  const epoch = await requestAdvance(ctx, seconds)
  while (!(await isAdvanceDone(engine.db, CONTOSO, epoch))) await realSleep(POLL_MS)
}

const ADMINISTRATOR = 'contosoadmin'
/** Version-less, and the one server whose password is written down: in `automation.env` alone. */
const DEMO_SERVER = 'contoso-billing'

/** What a former start wrote into `automation.env`. */
export function keptInAutomationEnv(dataDir: string, name: string): string | undefined {
  const file = join(dataDir, 'automation.env')
  if (!existsSync(file)) return undefined
  return new RegExp(`^export ${name}='([^']+)'$`, 'm').exec(readFileSync(file, 'utf8'))?.[1]
}

/** Written down before the server is made, so that a start that was killed in between knows it still. */
function keptDemoPassword(dataDir: string): string {
  const kept = keptInAutomationEnv(dataDir, 'PORTCULLIS_DEMO_PASSWORD')
  if (kept) return kept
  const made = randomPassword()
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(join(dataDir, 'automation.env'), `export PORTCULLIS_DEMO_PASSWORD='${made}'\n`, {
    mode: 0o600,
    flag: 'a',
  })
  return made
}

/**
 * Writes `automation.env` (mode 0600) for real clients; `secret` is the application's client secret, `identityHeader`
 * what opens the endpoint that managed identities get their tokens at.
 */
export function writeAutomationEnv(
  config: Config,
  { secret, identityHeader, postgresPort }: { secret: string; identityHeader: string; postgresPort: number },
): void {
  const { httpsPort, dataDir } = config
  const demoPassword = keptInAutomationEnv(dataDir, 'PORTCULLIS_DEMO_PASSWORD')
  const lines = {
    AZURE_TENANT_ID: CONTOSO,
    AZURE_CLIENT_ID: AUTOMATION_APP_ID,
    AZURE_CLIENT_SECRET: secret,
    AZURE_AUTHORITY_HOST: `https://login.localhost:${httpsPort}`,
    AZURE_SUBSCRIPTION_ID: PRODUCTION,
    NODE_EXTRA_CA_CERTS: join(dataDir, 'ca.pem'),
    REQUESTS_CA_BUNDLE: join(dataDir, 'ca.pem'),
    PORTCULLIS_VAULT_URL: `https://${VAULTS.main.name}.vault.localhost:${httpsPort}`,
    PORTCULLIS_HSM_URL: `https://${HSM.name}.managedhsm.localhost:${httpsPort}`,
    PORTCULLIS_ARM_URL: `https://management.localhost:${httpsPort}`,
    // For IDENTITY_ENDPOINT and IDENTITY_HEADER of a program that shall act as a managed identity.
    PORTCULLIS_IDENTITY_ENDPOINT: `http://localhost:${httpsPort}/msi/token`,
    PORTCULLIS_IDENTITY_HEADER: identityHeader,
    PORTCULLIS_POSTGRES_PORT: String(postgresPort),
    ...(demoPassword && {
      PORTCULLIS_DEMO_SERVER: DEMO_SERVER,
      PORTCULLIS_DEMO_USER: ADMINISTRATOR,
      PORTCULLIS_DEMO_PASSWORD: demoPassword,
    }),
  }
  mkdirSync(dataDir, { recursive: true })
  const text = Object.entries(lines)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('')
  writeFileSync(join(dataDir, 'automation.env'), text, { mode: 0o600 })
}
