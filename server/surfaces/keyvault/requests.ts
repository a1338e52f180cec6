import { AppError } from '@/server/kernel/errors'
import type { GuardedKeys } from '@/server/keys/service/guarded'
import { readPage, toPage } from './paging'
import type { Route, RouteName } from './routes'
import * as wire from './wire'

export type Call = {
  keys: GuardedKeys
  store: wire.WireStore
  route: Route
  url: URL
  /** The JSON of the request; undefined when it has none. */
  body: unknown
}
export type Answer = { status: 200 | 201 | 202; body: object } | { status: 204 }

const ok = (body: object): Answer => ({ status: 200, body })

const notSupported = (operation: string) => async (): Promise<Answer> => {
  throw new AppError('BadParameter', {
    publicMessage: `The operation "${operation}" is not part of this simulation.`,
    vendorCode: 'NotSupported',
  })
}

const bytes =
  (operation: 'wrap' | 'unwrap' | 'encrypt' | 'decrypt') =>
  async ({ keys, store, route, body }: Call): Promise<Answer> => {
    const { name, version } = route
    const { key, value } = await keys[operation]({ name, version, ...wire.readOperation(body) })
    return ok({ kid: wire.keyId(store, key, key.version), value: wire.toBase64url(value) })
  }

/** What each route does, alike for vaults and HSMs. */
export const REQUESTS: Record<RouteName, (call: Call) => Promise<Answer>> = {
  async create({ keys, store, route, body }) {
    return ok(wire.toBundle(await keys.create({ name: route.name, ...wire.readCreate(body) }), store))
  },
  async import({ keys, store, route, body }) {
    return ok(wire.toBundle(await keys.import({ name: route.name, ...wire.readImport(body) }), store))
  },
  async get({ keys, store, route }) {
    return ok(wire.toBundle(await keys.get(route.name, route.version), store))
  },
  async update({ keys, store, route, body }) {
    return ok(wire.toBundle(await keys.update(route.name, route.version, wire.readUpdate(body)), store))
  },
  async remove({ keys, store, route }) {
    const key = await keys.remove(route.name)
    return ok({ ...wire.deletion(key, store), ...wire.toBundle(key, store) })
  },
  async rotate({ keys, store, route }) {
    return ok(wire.toBundle(await keys.rotate(route.name), store))
  },
  async list({ keys, store, url }) {
    const page = readPage(url.searchParams)
    const rows = await keys.list({ ...page, limit: page.limit + 1 })
    return ok(
      toPage(
        url,
        page,
        rows,
        (k) => k.name,
        (k) => wire.toItem(k, store, false),
      ),
    )
  },
  async listVersions({ keys, store, route, url }) {
    const page = readPage(url.searchParams)
    const versions = await keys.listVersions(route.name)
    const start = page.after ? versions.findIndex((v) => v.version === page.after) + 1 : 0
    const rows = versions.slice(start)
    return ok(
      toPage(
        url,
        page,
        rows,
        (k) => k.version,
        (k) => wire.toItem(k, store, true),
      ),
    )
  },
  async getRotationPolicy({ keys, store, route }) {
    return ok(wire.toPolicy(route.name, await keys.getRotationPolicy(route.name), store))
  },
  async setRotationPolicy({ keys, store, route, body }) {
    const policy = await keys.setRotationPolicy(route.name, wire.readPolicy(body))
    return ok(wire.toPolicy(route.name, policy, store))
  },
  wrap: bytes('wrap'),
  unwrap: bytes('unwrap'),
  encrypt: bytes('encrypt'),
  decrypt: bytes('decrypt'),
  async getDeleted({ keys, store, route }) {
    const key = await keys.getDeleted(route.name)
    return ok({ ...wire.deletion(key, store), ...wire.toBundle(key, store) })
  },
  async listDeleted({ keys, store, url }) {
    const page = readPage(url.searchParams)
    const rows = await keys.listDeleted({ ...page, limit: page.limit + 1 })
    const write = (k: (typeof rows)[number]) => ({ ...wire.deletion(k, store), ...wire.toItem(k, store, false) })
    return ok(toPage(url, page, rows, (k) => k.name, write))
  },
  async recover({ keys, store, route }) {
    return ok(wire.toBundle(await keys.recover(route.name), store))
  },
  async purge({ keys, route }) {
    await keys.purge(route.name)
    return { status: 204 }
  },
  sign: notSupported('sign'),
  verify: notSupported('verify'),
  backup: notSupported('backup'),
  restore: notSupported('restore'),
  release: notSupported('release'),
}
