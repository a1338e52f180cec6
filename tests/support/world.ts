import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { isAdvanceDone, requestAdvance } from '@/server/clock/service'
import { type Engine, startEngine } from '@/server/engine'
import { ROLE_IDS } from '@/server/identity/model'
import {
  assignRole,
  createManagedIdentity,
  createResourceGroup,
  createSubscription,
  createTenant,
} from '@/server/identity/service'
import type { Config } from '@/server/kernel/config'
import type { Ctx } from '@/server/kernel/context'
import { createCustody } from '@/server/kernel/custody'
import { createDb } from '@/server/kernel/db'
import { loadMasterKey } from '@/server/kernel/master-key'
import { RESOURCE_TYPES, resourceId } from '@/server/kernel/resource-id'
import { realSleep } from '@/server/kernel/time'
import { createVault, vaultKeys } from '@/server/keyvault/service'
import type { CreateServerInput, EncryptionInput, KeyChoice } from '@/server/postgres/contract'
import { createServer, getServer } from '@/server/postgres/service'
import { ensureSealLibrary } from '@/server/storage/service'
import type { OperationView } from '@/server/workflow/contract'
import { isTerminal } from '@/server/workflow/model'
import { getOperation } from '@/server/workflow/service'
import { testDatabase } from './postgres'
import { START, SUBSCRIPTION_ID, TENANT_ID } from './tenant'

export const GROUP = 'rg-test'
export const VAULT = 'test-kv-neu'
export const LOCATION = 'northeurope'

/** An engine on a database of its own, with a tenant whose clock stands at `START`, a vault, an identity and its role. */
export type World = {
  engine: Engine
  config: Config
  vaultId: string
  /** The service at the tenant's present instant. */
  ctx(): Promise<Ctx>
  advance(seconds: number): Promise<void>
  untilEnded(operationId: string): Promise<OperationView>
  /** Makes a key and returns its identifiers. */
  makeKey(name: string, vault?: string): Promise<{ versionless: string; pinned: string; version: string }>
  makeIdentity(name: string, location?: string): Promise<{ id: string; principalId: string }>
  grant(principalId: string, scope?: string): Promise<void>
  provision(name: string, encryption: EncryptionInput, geoRedundant?: boolean): Promise<OperationView>
  server(name: string): ReturnType<typeof getServer>
}

/** A configuration over a fresh database and data folder. Top level of a file only. */
export async function testConfig(): Promise<Config> {
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-world-'))
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }))
  return {
    databaseUrl: await testDatabase(),
    dataDir,
    portalPort: 0,
    httpsPort: 8443,
    postgresPort: 0,
    keyStore: 'simulated',
    engineId: 'engine-test',
  }
}

/** Fills an empty database with the tenant of the tests. */
export async function makeTenant(config: Config): Promise<void> {
  const db = createDb(config.databaseUrl, 2)
  const custody = createCustody(loadMasterKey(config))
  const tenant = { id: TENANT_ID, name: 'Contoso', domain: 'contoso.example', startAt: START, rate: 0 }
  await createTenant({ db, custody }, tenant)
  await db.$disconnect()
}

/** @param init.databases servers have real databases on sealed storage, behind a gateway on a free port. */
export async function testWorld(init: { databases?: boolean } = {}): Promise<World> {
  const config = await testConfig()
  await makeTenant(config)
  const engine = await startEngine({ config, library: init.databases ? await ensureSealLibrary() : undefined })
  afterAll(() => engine.stop())
  const world = worldOn(engine, config)
  await furnish(world)
  return world
}

/** Subscription, group and vault. */
export async function furnish(world: World): Promise<void> {
  const ctx = await world.ctx()
  await createSubscription(ctx, { id: SUBSCRIPTION_ID, name: 'Test' })
  await createResourceGroup(ctx, { subscriptionId: SUBSCRIPTION_ID, name: GROUP, location: LOCATION, tags: {} })
  await makeVault(ctx, VAULT, LOCATION)
}

export const makeVault = (
  ctx: Ctx,
  name: string,
  location: string,
  more: Partial<Parameters<typeof createVault>[1]> = {},
) =>
  createVault(ctx, {
    subscriptionId: SUBSCRIPTION_ID,
    resourceGroup: GROUP,
    name,
    location,
    sku: 'premium',
    rbac: true,
    softDeleteDays: 90,
    purgeProtection: true,
    publicNetworkAccess: true,
    networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [] },
    tags: {},
    ...more,
  })

export const vaultIdOf = (name: string): string =>
  resourceId({ subscriptionId: SUBSCRIPTION_ID, resourceGroup: GROUP, type: RESOURCE_TYPES.vault, name })

/** The helpers over an engine that is already running. */
export function worldOn(engine: Engine, config: Config): World {
  const ctx = () => engine.serviceContext(TENANT_ID)
  const vaultId = vaultIdOf(VAULT)
  const world: World = {
    engine,
    config,
    vaultId,
    ctx,
    async advance(seconds) {
      const epoch = await requestAdvance(await ctx(), seconds)
      while (!(await isAdvanceDone(engine.db, TENANT_ID, epoch))) await realSleep(5)
    },
    async untilEnded(operationId) {
      for (;;) {
        const operation = await getOperation(await ctx(), operationId)
        if (isTerminal(operation.status)) return operation
        await realSleep(5)
      }
    },
    async makeKey(name, vault = VAULT) {
      const { version } = await vaultKeys(await ctx(), vault).create({ name, kty: 'RSA', keySize: 2048 })
      const versionless = `https://${vault}.vault.localhost/keys/${name}`
      return { versionless, pinned: `${versionless}/${version}`, version }
    },
    async makeIdentity(name, location = LOCATION) {
      const identity = { subscriptionId: SUBSCRIPTION_ID, resourceGroup: GROUP, name, location, tags: {} }
      const { id, principalId } = await createManagedIdentity(await ctx(), identity)
      return { id, principalId }
    },
    async grant(principalId, scope = vaultId) {
      const roleDefinitionId = ROLE_IDS.keyVaultCryptoServiceEncryptionUser
      await assignRole(await ctx(), { scope, roleDefinitionId, principalId })
    },
    async provision(name, encryption, geoRedundant = false) {
      const input = serverInput(name, encryption, geoRedundant)
      const { operationId } = await createServer(await ctx(), engine.wiring.keyAccess, input)
      return world.untilEnded(operationId)
    },
    server: async (name) => getServer(await ctx(), name),
  }
  return world
}

export const PASSWORD = 'Correct-horse-7'

/** A valid request; what a test is about goes in as arguments or is changed after. */
export const serverInput = (name: string, encryption: EncryptionInput, geoRedundant = false): CreateServerInput => ({
  basics: {
    subscriptionId: SUBSCRIPTION_ID,
    resourceGroup: GROUP,
    name,
    location: LOCATION,
    version: '18',
    workloadType: 'Production',
    availabilityZone: 'none',
    compute: { tier: 'GeneralPurpose', sku: 'Standard_D2ds_v5' },
    storage: { type: 'Premium_LRS', sizeGiB: 128, performanceTier: null, autoGrow: true, iops: null, throughput: null },
    highAvailability: { mode: 'Disabled', standbyZone: 'none' },
    backup: { retentionDays: 7, geoRedundant },
    authentication: {
      method: 'PasswordOnly',
      administratorLogin: 'testadmin',
      password: PASSWORD,
      entraAdministrator: null,
    },
  },
  networking: {
    connectivity: 'Public',
    publicAccess: true,
    allowAzureServices: false,
    firewallRules: [{ name: 'office', startIp: '203.0.113.1', endIp: '203.0.113.9' }],
    virtualNetwork: '',
    subnet: '',
    privateDnsZone: '',
  },
  encryption,
  tags: [{ name: 'team', value: 'test' }],
})

export const serviceManaged: EncryptionInput = { type: 'SystemManaged', primary: null, geo: null }

export const customerManaged = (
  identityId: string,
  keyUri: string,
  autoUpdate: boolean,
  geo: KeyChoice | null = null,
): EncryptionInput => ({
  type: 'AzureKeyVault',
  primary: { identityId, keyUri, autoUpdate },
  geo,
})
