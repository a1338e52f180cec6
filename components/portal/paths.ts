/** The only place that builds links of the portal; every path is a deep link. */
const seg = encodeURIComponent

const withQuery = (path: string, query: Record<string, string | undefined>): string => {
  const entries = Object.entries(query).filter((e): e is [string, string] => !!e[1])
  return entries.length ? `${path}?${new URLSearchParams(entries)}` : path
}

export type VaultSection = 'metrics' | 'keys' | 'deleted-keys' | 'access' | 'networking' | 'properties' | 'audit'
export type ServerSection = 'connect' | 'console' | 'sealed' | 'networking' | 'compute' | 'parameters' | 'backups'
export type HsmSection =
  | 'keys'
  | 'deleted-keys'
  | 'roles'
  | 'activation'
  | 'backups'
  | 'networking'
  | 'properties'
  | 'audit'

export const paths = {
  home: () => '/',
  fleet: (query: Record<string, string | undefined> = {}) => withQuery('/fleet', query),
  resources: (query: { q?: string; type?: string; group?: string; region?: string } = {}) =>
    withQuery('/resources', query),
  servers: () => '/servers',
  server: (name: string) => `/servers/${seg(name)}`,
  serverDataEncryption: (name: string) => `/servers/${seg(name)}/data-encryption`,
  serverHealth: (name: string) => `/servers/${seg(name)}/health`,
  serverMetrics: (name: string) => `/servers/${seg(name)}/metrics`,
  serverSection: (name: string, section: ServerSection) => `/servers/${seg(name)}/${section}`,
  alerts: (query: { alert?: string } = {}) => withQuery('/alerts', query),
  alertRules: () => '/alerts/rules',
  advisor: (query: { server?: string } = {}) => withQuery('/advisor', query),
  actionGroups: () => '/alerts/action-groups',
  suppressionRules: () => '/alerts/suppression',
  vaults: () => '/vaults',
  vault: (name: string) => `/vaults/${seg(name)}`,
  vaultKey: (vault: string, key: string) => `/vaults/${seg(vault)}/keys/${seg(key)}`,
  createVaultKey: (vault: string, query: { option?: string } = {}) =>
    withQuery(`/vaults/${seg(vault)}/create-key`, query),
  vaultSection: (name: string, section: VaultSection) => `/vaults/${seg(name)}/${section}`,
  hsms: () => '/hsms',
  hsm: (name: string) => `/hsms/${seg(name)}`,
  createHsmKey: (hsm: string, query: { option?: string } = {}) => withQuery(`/hsms/${seg(hsm)}/create-key`, query),
  hsmSection: (name: string, section: HsmSection) => `/hsms/${seg(name)}/${section}`,
  hsmKey: (hsm: string, key: string) => `/hsms/${seg(hsm)}/keys/${seg(key)}`,
  identities: () => '/identities',
  identity: (principalId: string) => `/identities/${seg(principalId)}`,
  access: (scope: string) => withQuery('/access', { scope }),
  locks: (scope: string) => withQuery('/locks', { scope }),
  activity: (query: { resource?: string; level?: string; event?: string } = {}) => withQuery('/activity', query),
  createPostgres: (query: { s?: string } = {}) => withQuery('/create/postgres', query),
  createVault: () => '/create/vault',
  createHsm: () => '/create/hsm',
  createIdentity: () => '/create/identity',
  deployments: () => '/deployments',
  deployment: (operationId: string) => `/deployments/${seg(operationId)}`,
} as const

/**
 * The page of a key identifier (`https://{store}.vault.../keys/{key}[/version]`), or null when it is none.
 * Real and simulated host names both work.
 */
export function pathOfKeyIdentifier(uri: string): string | null {
  const m = /^https:\/\/([^./]+)\.(vault|managedhsm)\.[^/]+\/keys\/([^/]+)/i.exec(uri)
  if (!m) return null
  return m[2]!.toLowerCase() === 'vault' ? paths.vaultKey(m[1]!, m[3]!) : paths.hsmKey(m[1]!, m[3]!)
}

/** The page of an ARM resource id, or null when the portal has none for its type. */
export function pathOfResource(resourceId: string): string | null {
  const m = /\/providers\/([^/]+\/[^/]+)\/([^/]+)/i.exec(resourceId)
  if (!m) return null
  const name = m[2]!
  switch (m[1]!.toLowerCase()) {
    case 'microsoft.dbforpostgresql/flexibleservers':
      return paths.server(name)
    case 'microsoft.keyvault/vaults':
      return paths.vault(name)
    case 'microsoft.keyvault/managedhsms':
      return paths.hsm(name)
    default:
      return null
  }
}
