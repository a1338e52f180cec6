import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'vitest'
import { createManagedIdentity, listRoleAssignments, removeRoleAssignment } from '@/server/identity/service'
import { realSleep } from '@/server/kernel/time'
import { deleteVault, recoverVault, setAccessPolicy, updateVault, vaultKeys } from '@/server/keyvault/service'
import { HSM_ROLES } from '@/server/managed-hsm/model'
import {
  activateManagedHsm,
  assignHsmRole,
  createManagedHsm,
  deleteManagedHsm,
  hsmKeys,
  listHsmRoleAssignments,
  recoverManagedHsm,
  removeHsmRoleAssignment,
  updateManagedHsm,
} from '@/server/managed-hsm/service'
import { updateEncryption } from '@/server/postgres/service'
import type { OperationView } from '@/server/workflow/contract'
import { isTerminal } from '@/server/workflow/model'
import { getOperation } from '@/server/workflow/service'
import { hsmInput } from './key-stores'
import { SUBSCRIPTION_ID } from './tenant'
import { customerManaged, GROUP, LOCATION, makeVault, vaultIdOf, type World } from './world'

export const STORES = ['vault with RBAC', 'vault with policies', 'managed HSM'] as const
export type Store = (typeof STORES)[number]

/** A Ready server with a key and an identity of its own, and all that stands between them. */
export type Scene = {
  n: number
  store: Store
  storeName: string
  storeId: string
  pinned: boolean
  key: { versionless: string; pinned: string; version: string; name: string }
  identity: { id: string; principalId: string }
  server: string
}

type Jwk = Parameters<ReturnType<typeof vaultKeys>['import']>[0]['jwk']
const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })

/** What breaks and mends the way from a server to its key, alike in all three kinds of key store. */
export function keyScenes(world: World, prefix: string) {
  /** Making a pair for each key would take longer than all the rest. */
  const material = Array.from({ length: 3 }, () => pair().privateKey.export({ format: 'jwk' }) as Jwk)
  const holders = Array.from({ length: 3 }, () => pair().publicKey.export({ format: 'pem', type: 'spki' }).toString())
  const hsmRole = HSM_ROLES.find((r) => r.name === 'Managed HSM Crypto Service Encryption User')!.id
  const ofHsm = (s: Scene) => s.store === 'managed HSM'
  const keysOf = async (s: Scene) => (ofHsm(s) ? hsmKeys : vaultKeys)(await world.ctx(), s.storeId)

  async function makeStore(store: Store, name: string): Promise<string> {
    const ctx = await world.ctx()
    if (store !== 'managed HSM') {
      await makeVault(ctx, name, LOCATION, { rbac: store === 'vault with RBAC' })
      return vaultIdOf(name)
    }
    const { principalId } = await world.makeIdentity(`adm-${name}`)
    const { id } = await createManagedHsm(ctx, {
      ...hsmInput(name, [principalId]),
      ...{ resourceGroup: GROUP, location: LOCATION, purgeProtection: true },
    })
    await activateManagedHsm(ctx, id, { publicKeys: holders, quorum: 2 })
    return id
  }

  /** A newer version beside the older ones, or a key where there is none of that name. */
  const makeVersion = async (s: Scene) =>
    (await keysOf(s)).import({ name: s.key.name, jwk: material[s.n % material.length]!, hardware: ofHsm(s) })

  async function makeScene(init: { n: number; store: Store; storeId: string; pinned: boolean }): Promise<Scene> {
    const { n, store, storeId, pinned } = init
    const storeName = storeId.split('/').at(-1)!
    const identity = await world.makeIdentity(`id-${prefix}-${n}`)
    const name = `cmk-${n}`
    const versionless = `https://${storeName}.${store === 'managed HSM' ? 'managedhsm' : 'vault'}.localhost/keys/${name}`
    const key = { versionless, pinned: '', version: '', name }
    const scene: Scene = { n, store, storeId, storeName, pinned, identity, key, server: `${prefix}-${n}` }
    key.version = (await makeVersion(scene)).version
    key.pinned = `${versionless}/${key.version}`
    await grant(scene)
    const encryption = customerManaged(identity.id, pinned ? key.pinned : versionless, !pinned)
    expect(await world.provision(scene.server, encryption)).toMatchObject({ status: 'Succeeded' })
    return scene
  }

  async function grant(s: Scene, principalId = s.identity.principalId): Promise<void> {
    const ctx = await world.ctx()
    if (s.store === 'vault with RBAC') await world.grant(principalId, s.storeId)
    else if (s.store === 'managed HSM')
      await assignHsmRole(ctx, s.storeId, { scope: '/keys', roleDefinitionId: hsmRole, principalId })
    else await setPolicy(s, ['get', 'list', 'wrapKey', 'unwrapKey'], principalId)
  }

  const setPolicy = async (s: Scene, keys: string[], objectId = s.identity.principalId) =>
    setAccessPolicy(await world.ctx(), s.storeId, { objectId, keys })

  async function revoke(s: Scene): Promise<void> {
    const ctx = await world.ctx()
    const mine = (a: { principalId: string }) => a.principalId === s.identity.principalId
    if (s.store === 'vault with RBAC') {
      const given = (await listRoleAssignments(ctx, s.storeId, { inherited: false })).find(mine)
      if (given) await removeRoleAssignment(ctx, given.id)
    } else if (s.store === 'managed HSM') {
      const given = (await listHsmRoleAssignments(ctx, s.storeId)).find(mine)
      if (given) await removeHsmRoleAssignment(ctx, s.storeId, given.id)
    } else await setPolicy(s, [])
  }

  /** Time goes on while the change waits for a role to take effect. */
  async function switchTo(s: Scene, identityId: string): Promise<OperationView> {
    const { id } = await world.server(s.server)
    const primary = { identityId, keyUri: s.pinned ? s.key.pinned : s.key.versionless, autoUpdate: !s.pinned }
    const change = { serverId: id, primary, geo: null }
    const { operationId } = await updateEncryption(await world.ctx(), world.engine.wiring.keyAccess, change)
    for (;;) {
      const operation = await getOperation(await world.ctx(), operationId)
      if (isTerminal(operation.status)) return operation
      if (operation.status === 'Waiting') await world.advance(60)
      else await realSleep(5)
    }
  }

  return {
    ...{ keysOf, makeStore, makeScene, makeVersion, grant, setPolicy, revoke, switchTo },
    /** Changes the version with which the server was made. */
    patch: async (s: Scene, change: Parameters<Awaited<ReturnType<typeof keysOf>>['update']>[2]) =>
      (await keysOf(s)).update(s.key.name, s.key.version, change),
    inTime: async (ms: number) => new Date((await world.ctx()).now.getTime() + ms),
    wall: async (s: Scene, change: { publicNetworkAccess?: boolean; bypass: 'None' | 'AzureServices' }) =>
      (ofHsm(s) ? updateManagedHsm : updateVault)(await world.ctx(), s.storeId, {
        publicNetworkAccess: change.publicNetworkAccess,
        networkAcls: { defaultAction: 'Deny', bypass: change.bypass, ipRules: [] },
      }),
    deleteStore: async (s: Scene) => (ofHsm(s) ? deleteManagedHsm : deleteVault)(await world.ctx(), s.storeId),
    recoverStore: async (s: Scene) => (ofHsm(s) ? recoverManagedHsm : recoverVault)(await world.ctx(), s.storeId),
    /** The identity made anew under the same name, with all the rights that the former had. */
    async makeIdentityAnew(s: Scene): Promise<{ id: string; principalId: string }> {
      const name = s.identity.id.split('/').at(-1)!
      const place = { subscriptionId: SUBSCRIPTION_ID, resourceGroup: GROUP, name, location: LOCATION }
      const made = await createManagedIdentity(await world.ctx(), place)
      await grant(s, made.principalId)
      return made
    },
    async switchToAnother(s: Scene): Promise<OperationView> {
      const other = await world.makeIdentity(`id-other-${prefix}-${s.n}`)
      await grant(s, other.principalId)
      return switchTo(s, other.id)
    },
  }
}
