import type { KeyBundle, KeyRequest } from '@/server/keys/model'
import type { GuardedKeys } from '@/server/keys/service/guarded'
import { readPage, toPage } from './paging'
import type { Route, RouteName } from './routes'
import * as wire from './wire'

export type Call = {
  keys: GuardedKeys
  store: wire.WireStore
  route: Route
  url: URL
  /** The JSON of the request, undefined when it has none. Throws AppError `BadParameter`. */
  body(): unknown
}
export type Answer = { status: 200 | 201 | 202; body: object; headers?: Record<string, string> } | { status: 204 }

/** Reads what the request brings; a failure to do so comes only after the question of rights. */
async function reading<T>({ keys, route }: Call, request: KeyRequest, read: () => T): Promise<T> {
  try {
    return read()
  } catch (error) {
    return keys.reject(request, { keyName: route.name || undefined, version: route.version }, error)
  }
}

const ok = (body: object): Answer => ({ status: 200, body })

const bytes =
  (operation: 'wrap' | 'unwrap' | 'encrypt' | 'decrypt') =>
  async (call: Call): Promise<Answer> => {
    const { keys, store, route } = call
    const input = await reading(call, operation, () => wire.readOperation(call.body()))
    return ok(wire.toResult(await keys[operation]({ name: route.name, version: route.version, ...input }), store))
  }

const bundle = (call: Call, key: KeyBundle): Answer => ok(wire.toBundle(key, call.store))
const deletedBundle = (call: Call, key: KeyBundle): Answer =>
  ok({ ...wire.deletion(key, call.store), ...wire.toBundle(key, call.store) })
const nameOf = (key: KeyBundle) => key.name
const versionOf = (key: KeyBundle) => key.version

/** What each route does, alike for vaults and HSMs. */
export const REQUESTS: Record<RouteName, (call: Call) => Promise<Answer>> = {
  async create(call) {
    const spec = await reading(call, 'create', () => wire.readCreate(call.body()))
    return bundle(call, await call.keys.create({ name: call.route.name, ...spec }))
  },
  async import(call) {
    const spec = await reading(call, 'import', () => wire.readImport(call.body()))
    const { name } = call.route
    if ('file' in spec) return bundle(call, await call.keys.importTransferred({ name, ...spec }))
    return bundle(call, await call.keys.import({ name, ...spec }))
  },
  get: async (call) => bundle(call, await call.keys.get(call.route.name, call.route.version)),
  async update(call) {
    const patch = await reading(call, 'update', () => wire.readUpdate(call.body()))
    return bundle(call, await call.keys.update(call.route.name, call.route.version, patch))
  },
  remove: async (call) => deletedBundle(call, await call.keys.remove(call.route.name)),
  rotate: async (call) => bundle(call, await call.keys.rotate(call.route.name)),
  async list(call) {
    const page = await reading(call, 'list', () => readPage(call.url.searchParams))
    const rows = await call.keys.list({ ...page, limit: page.limit + 1 })
    return ok(toPage(call.url, page, rows, nameOf, (k) => wire.toItem(k, call.store, false)))
  },
  async listVersions(call) {
    const page = await reading(call, 'listVersions', () => readPage(call.url.searchParams))
    const versions = await call.keys.listVersions(call.route.name)
    const start = page.after ? versions.findIndex((v) => v.version === page.after) + 1 : 0
    const rows = versions.slice(start)
    return ok(toPage(call.url, page, rows, versionOf, (k) => wire.toItem(k, call.store, true)))
  },
  async getRotationPolicy({ keys, store, route }) {
    return ok(wire.toPolicy(route.name, await keys.getRotationPolicy(route.name), store))
  },
  async setRotationPolicy(call) {
    const input = await reading(call, 'setRotationPolicy', () => wire.readPolicy(call.body()))
    return ok(wire.toPolicy(call.route.name, await call.keys.setRotationPolicy(call.route.name, input), call.store))
  },
  wrap: bytes('wrap'),
  unwrap: bytes('unwrap'),
  encrypt: bytes('encrypt'),
  decrypt: bytes('decrypt'),
  async sign(call) {
    const { name, version } = call.route
    const { alg, value: digest } = await reading(call, 'sign', () => wire.readOperation(call.body()))
    return ok(wire.toResult(await call.keys.sign({ name, version, alg, digest }), call.store))
  },
  async verify(call) {
    const { name, version } = call.route
    const input = await reading(call, 'verify', () => wire.readVerification(call.body()))
    return ok({ value: await call.keys.verify({ name, version, ...input }) })
  },
  getDeleted: async (call) => deletedBundle(call, await call.keys.getDeleted(call.route.name)),
  async listDeleted(call) {
    const page = await reading(call, 'listDeleted', () => readPage(call.url.searchParams))
    const rows = await call.keys.listDeleted({ ...page, limit: page.limit + 1 })
    const write = (k: KeyBundle) => ({ ...wire.deletion(k, call.store), ...wire.toItem(k, call.store, false) })
    return ok(toPage(call.url, page, rows, nameOf, write))
  },
  recover: async (call) => bundle(call, await call.keys.recover(call.route.name)),
  async purge({ keys, route }) {
    await keys.purge(route.name)
    return { status: 204 }
  },
  backup: async ({ keys, route }) => ok({ value: wire.toBase64url(await keys.backup(route.name)) }),
  async restore(call) {
    const blob = await reading({ ...call, route: { ...call.route, name: '' } }, 'restore', () =>
      wire.readRestore(call.body()),
    )
    return bundle(call, await call.keys.restore(blob))
  },
  async release(call) {
    const { name, version } = call.route
    await reading(call, 'release', () => wire.readRelease(call.body()))
    return call.keys.release(name, version)
  },
}
