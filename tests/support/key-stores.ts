import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PipelinePolicy } from '@azure/core-rest-pipeline'
import { ClientSecretCredential } from '@azure/identity'
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys'
import { afterAll } from 'vitest'
import { createServicePrincipal } from '@/server/identity/service'
import type { PrismaClient } from '@/server/kernel/db'
import { isAppError } from '@/server/kernel/errors'
import type { CreateVaultInput } from '@/server/keyvault/contract'
import type { CreateManagedHsmInput } from '@/server/managed-hsm/contract'
import { caFile } from '@/server/surfaces/certificates'
import { handleEntra } from '@/server/surfaces/entra/handler'
import { createHttpsServer } from '@/server/surfaces/https-server'
import { handleKeyVault } from '@/server/surfaces/keyvault/handler'
import { handleManagedHsm } from '@/server/surfaces/managed-hsm/handler'
import { custody, SUBSCRIPTION_ID, TENANT_ID, type TestTenant } from './tenant'

export const LOCATION = 'westeurope'
export const OPEN = { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [] } as CreateVaultInput['networkAcls']

/** A vault with everything open, to change in the one point that a test is about. */
export const vaultInput = (name: string, more: Partial<CreateVaultInput> = {}): CreateVaultInput => ({
  subscriptionId: SUBSCRIPTION_ID,
  resourceGroup: 'rg',
  name,
  location: LOCATION,
  sku: 'standard',
  rbac: true,
  softDeleteDays: 7,
  purgeProtection: false,
  publicNetworkAccess: true,
  networkAcls: OPEN,
  tags: {},
  ...more,
})

export const hsmInput = (name: string, adminObjectIds: string[]): CreateManagedHsmInput => ({
  subscriptionId: SUBSCRIPTION_ID,
  resourceGroup: 'rg',
  name,
  location: LOCATION,
  adminObjectIds,
  softDeleteDays: 7,
  purgeProtection: false,
  publicNetworkAccess: true,
  networkAcls: OPEN,
  tags: {},
})

/** The code of the refusal that the work ends in, or `no error`. Any other failure is the test's. */
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error) => (isAppError(error) ? error.code : Promise.reject(error)),
  )

/** Gives a key so many versions more, without the work of making them: their private halves open nothing. */
export async function addVersions(db: PrismaClient, keyName: string, count: number): Promise<void> {
  const { ordinal, version: _, ...row } = await db.keyVersion.findFirstOrThrow({ where: { key: { name: keyName } } })
  const copies = Array.from({ length: count }, (_v, i) => ({
    ...row,
    ...{ version: String(i).padStart(32, '0'), ordinal: ordinal + 1 + i, publicJwk: row.publicJwk!, tags: {} },
  }))
  await db.keyVersion.createMany({ data: copies })
}

/** The HTTPS host with vaults, HSMs and sign-in, and the genuine SDK clients pointed at it. Top level of a file only. */
export async function startSurfaces({ db, service }: TestTenant) {
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-https-'))
  const host = await createHttpsServer({
    env: { db, custody, httpsPort: 0 },
    port: 0,
    dataDir,
    routes: [
      { host: '*.vault.localhost', handle: handleKeyVault },
      { host: '*.managedhsm.localhost', handle: handleManagedHsm },
      { host: 'login.localhost', handle: handleEntra },
    ],
  })
  const agent = localAgent(readFileSync(caFile(dataDir), 'utf8'))
  afterAll(async () => {
    agent.destroy()
    await host.close()
    rmSync(dataDir, { recursive: true })
  })
  const { port } = host
  const options = { ...through(agent), retryOptions: { maxRetries: 0 } }
  const origin = (store: 'vault' | 'managedhsm', name: string) => `https://${name}.${store}.localhost:${port}`

  /** An application with a secret, which signs in with it as any client does. */
  async function signUp(displayName: string) {
    const { principal, appId, secret } = await createServicePrincipal(service, { displayName })
    const credential = new ClientSecretCredential(TENANT_ID, appId, secret, {
      ...options,
      authorityHost: `https://login.localhost:${port}`,
      disableInstanceDiscovery: true,
    })
    return {
      principal,
      credential,
      keys: (store: 'vault' | 'managedhsm', name: string) => new KeyClient(origin(store, name), credential, options),
      crypto: (keyId: string) => new CryptographyClient(keyId, credential, options),
    }
  }
  return { port, dataDir, agent, origin, signUp }
}

/** Trusts our authority and finds `*.localhost` on this machine, which resolvers of plain systems do not. */
export const localAgent = (ca: string): Agent => {
  const lookup: LookupFunction = (_host, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
  return new Agent({ ca, lookup, keepAlive: true })
}

export function through(agent: Agent) {
  const policy: PipelinePolicy = {
    name: 'localAgent',
    sendRequest(request, next) {
      request.agent = agent
      return next(request)
    },
  }
  return { additionalPolicies: [{ policy, position: 'perCall' as const }] }
}
