import { recordActivity } from '@/server/activity/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { isAppError } from '@/server/kernel/errors'
import { parseResourceId } from '@/server/kernel/resource-id'
import type { RotationPolicyInput } from '../contract'
import type { KeyBundle, KeyRequest, RotationPolicy } from '../model'
import { findKey } from '../service'
import { type GuardedStore, guardedKeys, type NewStoreKey, type RequestOptions } from './guarded'

/** What of a store's keys the control plane serves: it reads them, and makes the first version of what is missing. */
const ACTIONS: Partial<Record<KeyRequest, string>> = {
  get: 'keys/read',
  list: 'keys/read',
  getRotationPolicy: 'keys/read',
  listVersions: 'keys/versions/read',
}

/**
 * The keys of a store as resources. Azure's roles at the store decide, locks included, and no network rule, whatever
 * the store's own way of giving rights is; the store's audit log has each request.
 * @param check what the store wants besides, e.g. that it is active. Throws AppError.
 */
export function controlPlaneKeys(
  ctx: Ctx,
  open: () => Promise<GuardedStore>,
  options: RequestOptions,
  check: () => void = () => undefined,
) {
  const actionOf = (store: GuardedStore, request: KeyRequest) =>
    `${parseResourceId(store.id)!.type}/${ACTIONS[request] ?? 'keys/write'}`
  const keys = guardedKeys(
    ctx,
    async () => {
      const store = await open()
      return {
        ...store,
        throttled: false,
        async admit(request, keyName) {
          await authorize(ctx, actionOf(store, request), keyName ? `${store.id}/keys/${keyName}` : store.id)
          check()
        },
      }
    },
    options,
  )

  return {
    ...{ get: keys.get, list: keys.list, listVersions: keys.listVersions },
    /** The key with its policy, as a resource is written. */
    async describe(name: string, version?: string | null): Promise<{ key: KeyBundle; policy: RotationPolicy | null }> {
      return { key: await keys.get(name, version), policy: await keys.getRotationPolicy(name) }
    },
    /** Makes a key unless there is one of that name, which then stays as it is. */
    async createIfMissing(spec: NewStoreKey, policy: RotationPolicyInput | null): Promise<KeyBundle> {
      const store = await open()
      const event = {
        operationName: actionOf(store, 'create'),
        resourceId: `${store.id}/keys/${spec.name}`,
        description: `Create key ${spec.name}`,
      }
      try {
        const missing = !(await findKey(ctx, store.id, spec.name))
        const key = await keys.create({ ...spec, ifMissing: true })
        if (missing && policy) await keys.setRotationPolicy(spec.name, policy)
        await recordActivity(ctx, { ...event, status: 'Succeeded' })
        return key
      } catch (error) {
        if (!isAppError(error)) throw error
        const properties = { code: error.vendorCode ?? error.code, message: error.publicMessage }
        await recordActivity(ctx, { ...event, status: 'Failed', subStatus: error.code, properties })
        throw error
      }
    },
  }
}
