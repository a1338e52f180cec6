import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import type { KeyView, RotationPolicyInput } from '../contract'
import {
  AUDIT_NAMES,
  type KeyBundle,
  type KeyRequest,
  type RotationPolicy,
  type StoreLimits,
  type StoreType,
  toKeyView,
} from '../model'
import * as keys from '../service'
import { type AuditedRequest, type AuditFacts, audited } from './audit'
import { backupKey, nameInBackup, restoreKey } from './backup'
import { type ThrottledKey, throttle } from './throttle'
import { importTransferred, type TransferredKey } from './transfer'

/** A store whose door is open to this caller's requests, as a vault or an HSM describes itself. */
export type GuardedStore = {
  /** Resource id. */
  id: string
  name: string
  location: string
  type: StoreType
  softDelete: boolean
  softDeleteDays: number
  purgeProtection: boolean
  limits: StoreLimits
  /** Backups are restored only into stores of the same realm. */
  realm: string
  /** Whether requests are held to the published limits of the service. */
  throttled: boolean
  /** Whether a key of this type is made in hardware. Throws AppError when the store makes none of that type. */
  isHardware(kty: string): boolean
  /** Refuses the request, by AppError, or lets it through; notes what decided in `facts`. */
  admit(request: KeyRequest, keyName: string | undefined, facts: AuditFacts): Promise<void>
}

export type RequestOptions = { apiVersion?: string }
export type NewStoreKey = Omit<keys.NewKey, 'hsm'>
export type ImportedStoreKey = Omit<keys.ImportedKey, 'hsm'> & {
  /** Asks for hardware protection. */ hardware: boolean
}
export type TransferredStoreKey = Omit<TransferredKey, 'hsm'>
export type Paging = { after?: string; limit?: number }

/**
 * Every key request of a vault or an HSM, each one admitted by the store and recorded in its audit log, refused ones
 * too. `open` is asked at each request, so that nothing decided before counts now.
 */
export function guardedKeys(ctx: Ctx, open: () => Promise<GuardedStore>, options: RequestOptions = {}) {
  type Target = Pick<AuditedRequest, 'keyName' | 'version' | 'algorithm'>

  async function perform<T>(
    request: KeyRequest,
    target: Target & { asked?: ThrottledKey },
    work: (store: GuardedStore, facts: AuditFacts) => Promise<T>,
  ): Promise<T> {
    const store = await open()
    const { id, name, type } = store
    const { asked, ...named } = target
    const record = { ...named, ...options, store: { id, name, type }, operationName: AUDIT_NAMES[request] }
    return audited(ctx, record, async (facts) => {
      if (store.throttled) await throttle(ctx, id, request, asked ?? (await sizeUp(ctx, id, target)))
      await store.admit(request, target.keyName, facts)
      return work(store, facts)
    })
  }

  const onKey = (
    request: KeyRequest,
    keyName: string,
    version: string | null | undefined,
    work: (store: GuardedStore) => Promise<KeyBundle>,
    asked?: ThrottledKey,
  ): Promise<KeyBundle> =>
    perform(request, { keyName, version, asked }, async (store, facts) => noteKey(facts, await work(store)))

  /** Requests that make no sense in a store that deletes at once. */
  const onDeleted = (request: 'getDeleted' | 'recover', name: string, work: typeof keys.getDeletedKey) =>
    onKey(request, name, null, (store) => {
      refuseWithoutSoftDelete(store, request)
      return work(ctx, store.id, name)
    })

  const onBytes =
    (request: KeyRequest, work: typeof keys.wrapKey) =>
    (input: keys.CryptoRequest): Promise<keys.CryptoResult> => {
      const target = { keyName: input.name, version: input.version, algorithm: input.alg }
      return perform(request, target, async (store, facts) => {
        const result = await work(ctx, store.id, input)
        noteKey(facts, result.key)
        return result
      })
    }

  return {
    /**
     * Fails a request whose contents a door could not read: after admission, as whoever has no rights must not learn
     * more than that, and with a record.
     */
    reject: (request: KeyRequest, target: Target, error: unknown): Promise<never> =>
      perform(request, target, async () => {
        throw error
      }),
    create: (spec: NewStoreKey) =>
      onKey(
        'create',
        spec.name,
        null,
        async (store) => {
          const hsm = store.isHardware(spec.kty)
          await refuseTooManyVersions(ctx, store, spec.name)
          return keys.createKey(ctx, store.id, { ...spec, hsm })
        },
        { kty: spec.kty, keySize: spec.keySize ?? null },
      ),
    import: ({ hardware, ...spec }: ImportedStoreKey) =>
      onKey(
        'import',
        spec.name,
        null,
        async (store) => {
          const hsm = store.isHardware(hardware && !/-HSM$/i.test(spec.jwk.kty) ? `${spec.jwk.kty}-HSM` : spec.jwk.kty)
          await refuseTooManyVersions(ctx, store, spec.name)
          return keys.importKey(ctx, store.id, { ...spec, hsm })
        },
        { kty: hardware ? 'RSA-HSM' : spec.jwk.kty, keySize: null },
      ),
    /** Takes in a key from a transfer file, which only a hardware key of this store can open. */
    importTransferred: (spec: TransferredStoreKey) =>
      onKey(
        'import',
        spec.name,
        null,
        async (store) => {
          if (!store.isHardware(spec.kty)) throw notHardware(spec.kty)
          await refuseTooManyVersions(ctx, store, spec.name)
          return importTransferred(ctx, store.id, { ...spec, hsm: true })
        },
        { kty: spec.kty, keySize: null },
      ),
    get: (name: string, version?: string | null) =>
      onKey('get', name, version, (store) => keys.getKey(ctx, store.id, name, version)),
    list: (page?: Paging) => perform('list', {}, (store) => keys.listKeys(ctx, store.id, page)),
    listVersions: (name: string) =>
      perform('listVersions', { keyName: name }, (store) => keys.listVersions(ctx, store.id, name)),
    update: (name: string, version: string | null, patch: keys.KeyPatch) =>
      onKey('update', name, version, (store) => keys.updateKeyVersion(ctx, store.id, name, version, patch)),
    rotate: (name: string) =>
      onKey('rotate', name, null, async (store) => {
        await refuseTooManyVersions(ctx, store, name)
        if (store.limits.rotateNeedsPolicy && !(await keys.getRotationPolicy(ctx, store.id, name)))
          throw new AppError('BadParameter', {
            publicMessage: `The key ${name} has no rotation policy. Set one first.`,
          })
        return keys.rotateKey(ctx, store.id, name)
      }),
    wrap: onBytes('wrap', keys.wrapKey),
    unwrap: onBytes('unwrap', keys.unwrapKey),
    encrypt: onBytes('encrypt', keys.encrypt),
    decrypt: onBytes('decrypt', keys.decrypt),
    sign: (input: keys.SignRequest): Promise<keys.CryptoResult> =>
      perform('sign', signTarget(input), async (store, facts) => {
        const result = await keys.sign(ctx, store.id, input)
        noteKey(facts, result.key)
        return result
      }),
    verify: (input: keys.SignRequest & { signature: Uint8Array }): Promise<boolean> =>
      perform('verify', signTarget(input), async (store, facts) => {
        const { key, valid } = await keys.verify(ctx, store.id, input)
        noteKey(facts, key)
        return valid
      }),
    getRotationPolicy: (name: string): Promise<RotationPolicy | null> =>
      perform('getRotationPolicy', { keyName: name }, (store) => keys.getRotationPolicy(ctx, store.id, name)),
    setRotationPolicy: (name: string, policy: RotationPolicyInput): Promise<RotationPolicy> =>
      perform('setRotationPolicy', { keyName: name }, (store) =>
        keys.setRotationPolicy(ctx, store.id, name, policy, store.limits.rotation),
      ),
    remove: (name: string) =>
      onKey('remove', name, null, (store) =>
        keys.deleteKey(ctx, store.id, name, store.softDelete ? store.softDeleteDays : null),
      ),
    backup: (name: string): Promise<Buffer> =>
      perform('backup', { keyName: name }, async (store, facts) => {
        const from = { realm: store.realm, maxVersions: store.limits.maxBackupVersions }
        const { key, blob } = await backupKey(ctx, store.id, name, from)
        noteKey(facts, key)
        return blob
      }),
    restore: (blob: Uint8Array): Promise<KeyBundle> =>
      perform('restore', { keyName: nameInBackup(ctx, blob) ?? undefined }, async (store, facts) =>
        noteKey(facts, await restoreKey(ctx, store.id, blob, { realm: store.realm })),
      ),
    /** SIMULATED: no key here is exportable, so that there is none to release. */
    release: (name: string, version: string | null): Promise<never> =>
      perform('release', { keyName: name, version }, async (store, facts) => {
        noteKey(facts, await keys.getKey(ctx, store.id, name, version))
        throw new AppError('KeyOperationForbidden', {
          publicMessage: 'Operation release is not permitted on this key: it is not exportable.',
        })
      }),
    getDeleted: (name: string) => onDeleted('getDeleted', name, keys.getDeletedKey),
    listDeleted: (page?: Paging) =>
      perform('listDeleted', {}, async (store) => {
        refuseWithoutSoftDelete(store, 'list deleted')
        return keys.listDeletedKeys(ctx, store.id, page)
      }),
    recover: (name: string) => onDeleted('recover', name, keys.recoverKey),
    purge: (name: string): Promise<void> =>
      perform('purge', { keyName: name }, async (store) => {
        refuseWithoutSoftDelete(store, 'purge')
        if (store.purgeProtection) throw purgeProtected(store)
        await keys.purgeKey(ctx, store.id, name)
      }),
    /** All keys with their versions, for pages. */
    views: (httpsPort: number): Promise<KeyView[]> =>
      perform('list', {}, async (store) =>
        (await keys.describeKeys(ctx, store.id)).map((detail) => toKeyView(detail, identity(store), httpsPort)),
      ),
    /** One key with its versions, for pages. */
    view: (name: string, httpsPort: number): Promise<KeyView> =>
      perform('get', { keyName: name }, async (store) =>
        toKeyView(await keys.describeKey(ctx, store.id, name), identity(store), httpsPort),
      ),
  }
}
export type GuardedKeys = ReturnType<typeof guardedKeys>

const signTarget = ({ name, version, alg }: keys.SignRequest) => ({ keyName: name, version, algorithm: alg })

const identity = (store: GuardedStore) => ({ storeType: store.type, storeName: store.name })

function noteKey(facts: AuditFacts, key: KeyBundle): KeyBundle {
  facts.version = key.version
  facts.keyProperties = key.crv ? { type: key.kty, curve: key.crv } : { type: key.kty, size: key.keySize ?? undefined }
  return key
}

async function refuseTooManyVersions(ctx: Ctx, store: GuardedStore, name: string): Promise<void> {
  const { maxVersions } = store.limits
  if (maxVersions === null) return
  const versions = await keys.findKey(ctx, store.id, name)
  if (versions && versions.length >= maxVersions)
    throw new AppError('BadParameter', {
      publicMessage: `The key ${name} has ${maxVersions} versions, which is the limit.`,
    })
}

const purgeProtected = (store: GuardedStore) =>
  new AppError('PurgeProtected', {
    publicMessage: `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: ${store.name};location=${store.location}`,
  })

function refuseWithoutSoftDelete(store: GuardedStore, operation: string): void {
  if (store.softDelete) return
  throw new AppError('BadParameter', {
    publicMessage: `Operation "${operation}" is not enabled for this vault.`,
    vendorCode: 'NotSupported',
  })
}

const notHardware = (kty: string) =>
  new AppError('BadParameter', {
    publicMessage: `A transfer file brings a key of type RSA-HSM, EC-HSM or oct-HSM, not '${kty.slice(0, 64)}'.`,
    field: 'kty',
  })

/** What the limits weigh a request by: the key that it names, as far as there is one. */
async function sizeUp(ctx: Ctx, storeId: string, target: Pick<AuditedRequest, 'keyName' | 'version'>) {
  const versions = target.keyName ? await keys.findKey(ctx, storeId, target.keyName) : null
  return versions?.find((v) => v.version === target.version) ?? versions?.[0] ?? null
}
