/** What a data-plane path asks for. `version` is null where it is left out or empty: the current one is meant. */
export type Route = { operation: RouteName; name: string; version: string | null }

export const ROUTE_NAMES = [
  'list',
  'create',
  'import',
  'get',
  'listVersions',
  'update',
  'remove',
  'rotate',
  'getRotationPolicy',
  'setRotationPolicy',
  'encrypt',
  'decrypt',
  'wrap',
  'unwrap',
  'sign',
  'verify',
  'backup',
  'restore',
  'release',
  'listDeleted',
  'getDeleted',
  'recover',
  'purge',
] as const
export type RouteName = (typeof ROUTE_NAMES)[number]

type Verbs = Record<string, RouteName>

const KEY: Verbs = { GET: 'get', PATCH: 'update', PUT: 'import', DELETE: 'remove' }
const KEY_VERSION: Verbs = { GET: 'get', PATCH: 'update' }
const DELETED_KEY: Verbs = { GET: 'getDeleted', DELETE: 'purge' }
/** Words that stand after a key's name; any other word is a version. */
const ON_NAME: Record<string, Verbs> = {
  create: { POST: 'create' },
  rotate: { POST: 'rotate' },
  backup: { POST: 'backup' },
  versions: { GET: 'listVersions' },
  rotationpolicy: { GET: 'getRotationPolicy', PUT: 'setRotationPolicy' },
}
/** Words that stand after a version, which may be empty (`//`) or missing. */
const ON_VERSION: Record<string, Verbs> = {
  encrypt: { POST: 'encrypt' },
  decrypt: { POST: 'decrypt' },
  wrapkey: { POST: 'wrap' },
  unwrapkey: { POST: 'unwrap' },
  sign: { POST: 'sign' },
  verify: { POST: 'verify' },
  release: { POST: 'release' },
  attestation: { GET: 'get' },
}

/**
 * Reads method and path as leniently as Key Vault does: words without case, slashes at the end, an empty version.
 * @returns null for a path that is no endpoint, `wrong-method` for one that answers other methods only.
 */
export function matchRoute(method: string, pathname: string): Route | 'wrong-method' | null {
  const found = findVerbs(splitPath(pathname))
  if (!found) return null
  const operation = found.verbs[method]
  return operation ? { operation, name: found.name ?? '', version: found.version || null } : 'wrong-method'
}

/** `//keys/n//wrapkey/` is `keys`, `n`, an empty version, `wrapkey`. */
const splitPath = (pathname: string): string[] =>
  pathname.replace(/^\/+/, '').replace(/\/+$/, '').split('/').map(decode)

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function findVerbs([collection = '', name, third, fourth, ...rest]: string[]): {
  verbs: Verbs
  name?: string
  version?: string
} | null {
  if (rest.length) return null
  if (collection.toLowerCase() === 'deletedkeys') return deletedVerbs(name, third, fourth)
  if (collection.toLowerCase() !== 'keys') return null
  if (name === undefined) return { verbs: { GET: 'list' } }
  if (third === undefined) return { verbs: name.toLowerCase() === 'restore' ? { ...KEY, POST: 'restore' } : KEY, name }
  const word = third.toLowerCase()
  if (fourth === undefined) {
    const verbs = ON_NAME[word] ?? ON_VERSION[word]
    return verbs ? { verbs, name } : { verbs: KEY_VERSION, name, version: third }
  }
  const verbs = ON_VERSION[fourth.toLowerCase()]
  return verbs ? { verbs, name, version: third } : null
}

function deletedVerbs(name?: string, word?: string, more?: string): { verbs: Verbs; name?: string } | null {
  if (name === undefined) return { verbs: { GET: 'listDeleted' } }
  if (word === undefined) return { verbs: DELETED_KEY, name }
  return word.toLowerCase() === 'recover' && more === undefined ? { verbs: { POST: 'recover' }, name } : null
}
