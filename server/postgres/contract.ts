import { z } from 'zod'
import type { ActivityView } from '@/server/activity/contract'
import type { Permission } from '@/server/identity/contract'
import { findRegion } from '@/server/kernel/regions'
import { parseKeyIdentifier } from '@/server/keys/model'
import { findSku, findStorageSize, PERFORMANCE_TIERS, VERSIONS } from './catalog'
import type {
  EncryptionType,
  KeyAccessVerdict,
  KeyMember,
  ServerCommand,
  ServerProperties,
  ServerState,
  StandbyState,
} from './model'

const RESERVED_LOGINS = [
  'azure_superuser',
  'azuresu',
  'azure_pg_admin',
  'admin',
  'administrator',
  'root',
  'guest',
  'public',
]

export const serverName = z
  .string()
  .min(3, 'A server name has 3 to 63 characters.')
  .max(63, 'A server name has 3 to 63 characters.')
  .regex(/^[a-z0-9-]+$/, 'Use only lower-case letters, digits and hyphens.')
  .regex(/^[a-z0-9].*[a-z0-9]$/, 'Start and end with a letter or digit.')

export const administratorLogin = z
  .string()
  .min(1, 'Give the administrator a login.')
  .max(63, 'A login has at most 63 characters.')
  .regex(/^[a-zA-Z0-9]+$/, 'Use only letters and digits.')
  .refine((v) => !v.toLowerCase().startsWith('pg_'), 'A login cannot start with pg_.')
  .refine((v) => !RESERVED_LOGINS.includes(v.toLowerCase()), 'This login is reserved. Choose another.')

const classes = (v: string) => [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((r) => r.test(v)).length
export const administratorPassword = z
  .string()
  .min(8, 'A password has 8 to 128 characters.')
  .max(128, 'A password has 8 to 128 characters.')
  .refine((v) => classes(v) >= 3, 'Use three of: upper-case letters, lower-case letters, digits, other characters.')

const ipv4 = z
  .string()
  .regex(/^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/, 'Give an IPv4 address such as 203.0.113.7.')
export const ipToNumber = (ip: string): number => ip.split('.').reduce((n, part) => n * 256 + Number(part), 0)

export const firewallRule = z
  .object({
    name: z
      .string()
      .min(1, 'Name the rule.')
      .max(80, 'A rule name has at most 80 characters.')
      .regex(/^[A-Za-z0-9_-]+$/, 'Use only letters, digits, _ and -.')
      .regex(/[^-]$/, 'A rule name cannot end with a hyphen.'),
    startIp: ipv4,
    endIp: ipv4,
  })
  .refine((r) => ipToNumber(r.endIp) >= ipToNumber(r.startIp), {
    path: ['endIp'],
    message: 'The end address is below the start address.',
  })

export const tag = z.object({
  name: z
    .string()
    .min(1, 'Name the tag.')
    .max(512, 'A tag name has at most 512 characters.')
    .regex(/^[^<>%&\\?/]*$/, 'A tag name cannot hold < > % & \\ ? /.'),
  value: z.string().max(256, 'A tag value has at most 256 characters.'),
})

/** One key and the identity that uses it. */
export const keyChoice = z.object({
  identityId: z.string(),
  /** Key identifier: without version when `autoUpdate`, with version otherwise. */
  keyUri: z.string(),
  autoUpdate: z.boolean(),
})
export type KeyChoice = z.infer<typeof keyChoice>

export const encryptionInput = z.object({
  type: z.enum(['SystemManaged', 'AzureKeyVault']),
  primary: keyChoice.nullable(),
  geo: keyChoice.nullable(),
})
export type EncryptionInput = z.infer<typeof encryptionInput>

export const EXAMPLE_KEY_URI = 'https://contoso-kv.vault.localhost/keys/my-key'

/** The fault in a key identifier, in words for the field beside it; null when it fits the version checkbox. */
export function keyUriProblem(keyUri: string, autoUpdate: boolean): string | null {
  if (!keyUri) return 'Select a key, or enter its key identifier.'
  const parsed = parseKeyIdentifier(keyUri)
  if (!parsed) return `This is not a key identifier. It looks like ${EXAMPLE_KEY_URI}${autoUpdate ? '' : '/{version}'}.`
  if (autoUpdate && parsed.version)
    return 'With automatic key version update the identifier has no version: remove its last part.'
  if (!autoUpdate && !parsed.version)
    return 'Without automatic key version update the identifier needs a version: add it as the last part, or tick the checkbox.'
  return null
}

type Issue = (path: (string | number)[], message: string) => void

function checkKeyChoice(choice: KeyChoice | null, path: string, label: string, issue: Issue): void {
  if (!choice) {
    issue([path], `Choose an identity and a key for ${label}.`)
    return
  }
  if (!choice.identityId) issue([path, 'identityId'], `Choose a user-assigned managed identity for ${label}.`)
  const problem = keyUriProblem(choice.keyUri, choice.autoUpdate)
  if (problem) issue([path, 'keyUri'], problem)
}

/** Rules that join encryption settings: shared by the wizard, the Data encryption blade, the server and the API. */
export function checkEncryption(encryption: EncryptionInput, geoRedundant: boolean, issue: Issue): void {
  if (encryption.type === 'SystemManaged') {
    if (encryption.primary || encryption.geo)
      issue(['type'], 'With a service-managed key no identity or key is chosen.')
    return
  }
  checkKeyChoice(encryption.primary, 'primary', 'this region', issue)
  if (!geoRedundant) {
    if (encryption.geo) issue(['geo'], 'A second key is only for geo-redundant backup, which is off.')
    return
  }
  checkKeyChoice(encryption.geo, 'geo', 'the paired region', issue)
  const { primary, geo } = encryption
  if (primary?.identityId && geo && primary.identityId.toLowerCase() === geo.identityId.toLowerCase()) {
    issue(['geo', 'identityId'], 'The paired region needs an identity of its own: choose a different one.')
  }
}

const retentionDays = z.number().int().min(7, 'Keep backups 7 to 35 days.').max(35, 'Keep backups 7 to 35 days.')

export const basicsInput = z.object({
  subscriptionId: z.string().min(1, 'Choose a subscription.'),
  resourceGroup: z
    .string()
    .min(1, 'Choose a resource group.')
    .max(90, 'A resource group name has at most 90 characters.'),
  name: serverName,
  location: z.string().refine((v) => findRegion(v) !== null, 'Choose a region.'),
  version: z.enum(VERSIONS, { error: 'Choose a PostgreSQL version.' }),
  workloadType: z.enum(['Development', 'Production']),
  availabilityZone: z.enum(['none', '1', '2', '3']),
  compute: z.object({ tier: z.enum(['Burstable', 'GeneralPurpose', 'MemoryOptimized']), sku: z.string() }),
  storage: z.object({
    type: z.enum(['Premium_LRS', 'PremiumV2_LRS']),
    sizeGiB: z.number().int(),
    performanceTier: z.enum(PERFORMANCE_TIERS).nullable(),
    autoGrow: z.boolean(),
    /** Premium SSD v2 only. */
    iops: z.number().int().nullable(),
    /** Premium SSD v2 only, MB/s. */
    throughput: z.number().int().nullable(),
  }),
  highAvailability: z.object({
    mode: z.enum(['Disabled', 'SameZone', 'ZoneRedundant']),
    standbyZone: z.enum(['none', '1', '2', '3']),
  }),
  backup: z.object({
    retentionDays,
    geoRedundant: z.boolean(),
  }),
  authentication: z.object({
    method: z.enum(['PasswordOnly', 'EntraOnly', 'PasswordAndEntra']),
    administratorLogin: z.string(),
    password: z.string(),
    /** Object id of the Entra administrator. */
    entraAdministrator: z.string().nullable(),
  }),
})

export const networkingInput = z.object({
  connectivity: z.enum(['Public', 'Private']),
  publicAccess: z.boolean(),
  allowAzureServices: z.boolean(),
  firewallRules: z.array(firewallRule).max(128, 'At most 128 firewall rules.'),
  /** Private access: a delegated subnet and a private DNS zone. */
  virtualNetwork: z.string(),
  subnet: z.string(),
  privateDnsZone: z.string(),
})

export const tagsInput = z.array(tag).max(50, 'At most 50 tags.')

/** Everything that the wizard asks; the same schema validates while typing, in the server action and in the service. */
export const createServerInput = z
  .object({ basics: basicsInput, networking: networkingInput, encryption: encryptionInput, tags: tagsInput })
  .superRefine((input, ctx) => {
    const issue = (path: (string | number)[], message: string) => ctx.addIssue({ code: 'custom', path, message })
    checkCompute(input.basics, issue)
    checkAuthentication(input.basics.authentication, issue)
    checkNetworking(input.networking, issue)
    checkEncryption(input.encryption, input.basics.backup.geoRedundant, (path, message) =>
      issue(['encryption', ...path], message),
    )
    const names = input.tags.map((t) => t.name.toLowerCase())
    names.forEach((name, i) => {
      if (names.indexOf(name) !== i) issue(['tags', i, 'name'], 'This tag name is used twice.')
    })
  })
export type CreateServerInput = z.infer<typeof createServerInput>

type Sizes = Omit<z.infer<typeof basicsInput>, 'authentication' | 'name' | 'subscriptionId' | 'resourceGroup'>

/** Rules that join compute, storage, zones, high availability and backup: for a new server, and for one that changes. */
export function checkCompute(basics: Sizes, issue: Issue): void {
  const region = findRegion(basics.location)
  const sku = findSku(basics.compute.sku)
  if (!sku || sku.tier !== basics.compute.tier)
    issue(['basics', 'compute', 'sku'], 'Choose a compute size of the chosen tier.')
  checkStorage(basics, issue)
  const { mode, standbyZone } = basics.highAvailability
  if (mode !== 'Disabled' && basics.compute.tier === 'Burstable') {
    issue(
      ['basics', 'highAvailability', 'mode'],
      'High availability needs General Purpose or Memory Optimized compute.',
    )
  }
  if (mode === 'ZoneRedundant' && region && !region.zoneRedundantHa) {
    issue(
      ['basics', 'highAvailability', 'mode'],
      `${region.displayName} has no zone-redundant high availability. Choose same zone.`,
    )
  }
  if (mode === 'ZoneRedundant' && standbyZone !== 'none' && standbyZone === basics.availabilityZone) {
    issue(['basics', 'highAvailability', 'standbyZone'], 'The standby needs another zone than the server.')
  }
  if (region && region.zones === 0 && basics.availabilityZone !== 'none') {
    issue(['basics', 'availabilityZone'], `${region.displayName} has no availability zones. Choose no preference.`)
  }
  if (basics.backup.geoRedundant && region && !(region.geoBackup && region.pair)) {
    issue(['basics', 'backup', 'geoRedundant'], `${region.displayName} has no geo-redundant backup.`)
  }
}

function checkStorage({ storage, compute, version }: Sizes, issue: Issue): void {
  const path = (field: string) => ['basics', 'storage', field]
  if (storage.type === 'PremiumV2_LRS') {
    if (compute.tier === 'Burstable')
      issue(path('type'), 'Premium SSD v2 needs General Purpose or Memory Optimized compute.')
    if (Number(version) < 14) issue(path('type'), 'Premium SSD v2 needs PostgreSQL 14 or newer.')
    if (storage.autoGrow) issue(path('autoGrow'), 'Premium SSD v2 has no storage autogrow.')
    if (storage.sizeGiB < 32 || storage.sizeGiB > 65_536) issue(path('sizeGiB'), 'Premium SSD v2 has 32 to 65,536 GiB.')
    const maxIops = Math.min(80_000, Math.max(3000, 500 * (storage.sizeGiB - 6) + 3000))
    const iops = storage.iops ?? 0
    if (iops < 3000 || iops > maxIops) issue(path('iops'), `Give 3000 to ${maxIops} IOPS for this size.`)
    const maxThroughput = Math.min(1200, Math.max(125, Math.floor(iops / 4)))
    const throughput = storage.throughput ?? 0
    if (throughput < 125 || throughput > maxThroughput)
      issue(path('throughput'), `Give 125 to ${maxThroughput} MB/s for these IOPS.`)
    return
  }
  const size = findStorageSize(storage.sizeGiB)
  if (!size) issue(path('sizeGiB'), 'Choose one of the offered storage sizes.')
  else if (storage.performanceTier && !size.tiers.includes(storage.performanceTier)) {
    issue(path('performanceTier'), `${storage.sizeGiB} GiB takes the tiers ${size.tiers[0]} to ${size.tiers.at(-1)}.`)
  }
}

export const HOLDS_LOGIN = 'The password cannot contain the login name.'
export const holdsLogin = (password: string, login: string): boolean =>
  login.length >= 3 && password.toLowerCase().includes(login.toLowerCase())

function checkAuthentication(auth: z.infer<typeof basicsInput>['authentication'], issue: Issue): void {
  const path = (field: string) => ['basics', 'authentication', field]
  if (auth.method !== 'PasswordOnly' && !auth.entraAdministrator)
    issue(path('entraAdministrator'), 'Set a Microsoft Entra administrator.')
  if (auth.method === 'EntraOnly') return
  for (const [field, schema, value] of [
    ['administratorLogin', administratorLogin, auth.administratorLogin],
    ['password', administratorPassword, auth.password],
  ] as const) {
    const parsed = schema.safeParse(value)
    if (!parsed.success) issue(path(field), parsed.error.issues[0]!.message)
  }
  if (holdsLogin(auth.password, auth.administratorLogin)) issue(path('password'), HOLDS_LOGIN)
}

function checkNetworking(networking: z.infer<typeof networkingInput>, issue: Issue): void {
  const names = networking.firewallRules.map((r) => r.name.toLowerCase())
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i) issue(['networking', 'firewallRules', i, 'name'], 'This rule name is used twice.')
  })
  if (networking.connectivity === 'Private') {
    if (!networking.virtualNetwork) issue(['networking', 'virtualNetwork'], 'Name the virtual network.')
    if (!networking.subnet) issue(['networking', 'subnet'], 'Name the delegated subnet.')
    if (networking.firewallRules.length)
      issue(['networking', 'firewallRules'], 'Private access takes no firewall rules.')
  }
}

/** PATCH of a server's encryption; the mode cannot change. */
export const updateEncryptionInput = z.object({
  serverId: z.string().min(1),
  primary: keyChoice,
  geo: keyChoice.nullable(),
})
export type UpdateEncryptionInput = z.infer<typeof updateEncryptionInput>

/** One precondition of cmk-behaviour, judged. */
export type RuleResult = {
  id: string
  title: string
  severity: 'required' | 'recommended'
  status: 'pass' | 'fail' | 'unknown'
  message: string
  /** Azure's error code where there is one. */
  code: string | null
  /** Form field it belongs to, below `encryption.{primary|geo}`. */
  field: 'identityId' | 'keyUri'
  /** What one button could mend, if the person may. */
  fix: null | {
    kind: 'assignRole' | 'grantPolicy' | 'enablePurgeProtection' | 'allowTrustedServices' | 'enableKey'
    label: string
    permission: Permission
  }
}

export type PreflightView = { role: 'primary' | 'geo'; rules: RuleResult[] }

export type ServerView = {
  id: string
  name: string
  fqdn: string
  subscriptionId: string
  subscriptionName: string
  resourceGroup: string
  location: string
  version: string
  state: ServerState
  stateSince: string
  administratorLogin: string
  sku: string
  tier: string
  storageGiB: number
  backupRetentionDays: number
  geoRedundantBackup: boolean
  highAvailability: string
  /** Of server and standby together. */
  highAvailabilityState: StandbyState | 'NotEnabled'
  /** Null without high availability. */
  standby: StandbyView | null
  availabilityZone: string
  publicAccess: boolean
  firewallRules: { name: string; startIp: string; endIp: string }[]
  tags: Record<string, string>
  createdAt: string
  createdBy: string
  /** As asked for at creation and changed since. */
  properties: ServerProperties
  attachedIdentityIds: string[]
  encryption: EncryptionView
  busyOperationId: string | null
  permissions: Record<ServerCommand, Permission>
  /** First connection refused in the present time of being Inaccessible, ISO 8601. */
  firstDeniedAt: string | null
}

export type EncryptionView = {
  type: EncryptionType
  primary: KeyUseView | null
  geo: KeyUseView | null
  /** Who opens the data key, each with what its last check said. */
  members: KeyMemberView[]
  /** Verdict of the last check; null before the first. */
  keyAccess: KeyAccessVerdict | null
  checkedAt: string | null
  nextCheckAt: string | null
}

/** The server itself, its standby, or its geo-redundant backup; `zone` only where it has one. Instants are ISO 8601. */
export type KeyMemberView = KeyMember & {
  /** Null before the first check. */
  status: 'Valid' | 'Invalid' | null
  checkedAt: string | null
  nextCheckAt: string | null
}

/** A standby's own state, with the verdict of its own checks. */
export type StandbyView = { state: StandbyState; since: string | null; keyAccess: KeyAccessVerdict | null }

export type KeyUseView = {
  identityId: string | null
  identityName: string | null
  principalId: string | null
  keyUri: string
  autoUpdate: boolean
  /** Version that wraps the data key now. */
  wrappedByKid: string | null
  wrappedAt: string | null
  algorithm: string | null
  envelopeSequence: number | null
  /** First bytes of the wrapped data key, hex; for people to see that it is there. */
  wrappedPreview: string | null
  keyCheckValue: string | null
  status: 'Valid' | 'Invalid'
}

export type StateChangeView<State = ServerState | StandbyState> = {
  at: string
  from: State | null
  to: State
  title: string
  correlationId: string
}
export type ServerDetailView = ServerView & {
  history: StateChangeView<ServerState>[]
  standbyHistory: StateChangeView<StandbyState>[]
  activity: ActivityView[]
}

/** One rewrap of all servers on a key to a new version of it. Instants are ISO 8601 virtual time. */
export type RewrapBatchView = {
  id: string
  /** Version-less identifier of the key. */
  keyUri: string
  /** The version adopted. */
  toKid: string
  status: 'Running' | 'Succeeded' | 'Failed'
  processed: number
  succeeded: number
  failed: number
  /** The first few that failed; they are tried again with the next check. */
  failures: { serverId: string; role: 'primary' | 'geo'; code: string; message: string }[]
  startedAt: string
  endedAt: string | null
}

/** What the databases of this installation can do: written by the engine, shown by the wizard and the servers' pages. */
export const installation = z.object({
  /** False: the control plane works, and no server takes connections; `reason` says why. */
  available: z.boolean(),
  reason: z.string().nullable(),
  /** Major version that can be run; the others of the wizard cannot. */
  engineVersion: z.string(),
})
export type Installation = z.infer<typeof installation>

export type InstallationView = Installation & {
  /** Port of the gateway; null while no engine is up. */
  postgresPort: number | null
  versions: { version: string; runnable: boolean; reason: string | null }[]
  /** Whether people can sign in to databases with Microsoft Entra tokens. */
  entraSignIn: { available: boolean; reason: string }
}

/** What a client needs; no secret. */
export type ConnectionView = {
  host: string
  /** Where names below localhost do not resolve. */
  hostAddress: string
  port: number | null
  user: string
  caFile: string
  runtime: { state: 'None' | 'Asleep' | 'Awake'; since: string | null }
  counters: { pagesSealed: number; pagesOpened: number; bytesSealed: number; bytesOpened: number } | null
  installation: InstallationView
}

export const databaseName = z
  .string()
  .min(1, 'Name the database.')
  .max(63, 'A database name has at most 63 characters.')
  .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'Start with a letter or _, then use letters, digits, _ and -.')

export const createDatabaseInput = z.object({ serverId: z.string().min(1), name: databaseName })
export type CreateDatabaseInput = z.infer<typeof createDatabaseInput>

export type DatabaseView = {
  name: string
  owner: string
  charset: string
  collation: string
  sizeBytes: number
  /** Of the service: cannot be deleted. */
  system: boolean
}

const parameterChange = z.object({
  name: z.string().min(1).max(200),
  /** In the parameter's unit; null sets it back to its default. */
  value: z.string().max(1000, 'A value has at most 1000 characters.').nullable(),
})
/** Changes of parameters: all of them are made, or none. */
export const setParametersInput = z.object({
  serverId: z.string().min(1),
  changes: z.array(parameterChange).min(1, 'Change something first.').max(500),
})
export type SetParametersInput = z.infer<typeof setParametersInput>

export type ParameterView = {
  name: string
  /** As set, also when it waits for a restart. */
  value: string
  /** Numbers are in it: `kB`, `8kB`, `ms`. */
  unit: string | null
  defaultValue: string
  type: 'Boolean' | 'Enumeration' | 'Integer' | 'Numeric' | 'String'
  /** What an Enumeration takes. */
  choices: string[] | null
  /** What a number takes, as PostgreSQL writes it. */
  range: { min: string; max: string } | null
  description: string
  category: string
  /** Takes effect without a restart. */
  dynamic: boolean
  /** Why it cannot be changed; null when it can. */
  readOnlyReason: string | null
  pendingRestart: boolean
  source: 'system-default' | 'user-override'
}

const ON_OFF: Record<string, string> = {
  on: 'on',
  true: 'on',
  yes: 'on',
  1: 'on',
  off: 'off',
  false: 'off',
  no: 'off',
  0: 'off',
}

/** The value as PostgreSQL writes it: `TRUE` is `on`; what is not a value of the parameter stays as it is. */
export function canonicalValue({ type, choices }: ParameterView, value: string): string {
  const text = type === 'String' ? value : value.trim()
  if (type === 'Boolean') return ON_OFF[text.toLowerCase()] ?? text
  return choices?.find((choice) => choice.toLowerCase() === text.toLowerCase()) ?? text
}

/** The fault in a value, in words for the field beside it; null for one that PostgreSQL can be asked about. */
export function parameterProblem(parameter: ParameterView, value: string): string | null {
  const { type, choices, range, unit } = parameter
  const text = canonicalValue(parameter, value)
  if (type === 'Boolean') return ['on', 'off'].includes(text) ? null : 'Give on or off.'
  if (choices) return choices.includes(text) ? null : `Give one of ${choices.join(', ')}.`
  if (!range) return null
  const wanted = `${range.min} to ${range.max}${unit ? `, in units of ${unit}` : ''}`
  if (type === 'Integer' && !/^-?\d+$/.test(text)) return `Give a whole number from ${wanted}.`
  if (!/^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return `Give a number from ${wanted}.`
  return Number(text) < Number(range.min) || Number(text) > Number(range.max) ? `Give a number from ${wanted}.` : null
}

/** What can be changed of a server that is there; what is left out stays. */
export const updateServerInput = z.object({
  serverId: z.string().min(1),
  /** Compute size; another one restarts the server. */
  sku: z.string().optional(),
  storageGiB: z.number().int().optional(),
  retentionDays: retentionDays.optional(),
  password: administratorPassword.optional(),
})
export type UpdateServerInput = z.infer<typeof updateServerInput>

export const updateFirewallInput = z.object({
  serverId: z.string().min(1),
  rules: z.array(firewallRule).max(128, 'At most 128 firewall rules.'),
})
export type UpdateFirewallInput = z.infer<typeof updateFirewallInput>

const backupName = z
  .string()
  .min(1, 'Name the backup.')
  .max(128, 'A backup name has at most 128 characters.')
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'Start with a letter or digit, then use letters, digits, - and _.')

/** One backup of a server, by its name: to take it on demand, or to delete it. */
export const backupInput = z.object({ serverId: z.string().min(1), name: backupName })
export type BackupInput = z.infer<typeof backupInput>

export const restoreInput = z.object({
  /** The server that was backed up. */
  serverId: z.string().min(1),
  backupName: z.string().min(1, 'Choose a backup.'),
  /** Of the new server. */
  name: serverName,
  /** Null: the keys and identities of the server that was backed up. */
  encryption: encryptionInput.nullable(),
})
export type RestoreInput = z.infer<typeof restoreInput>

/** Instants are ISO 8601 virtual time. */
export type BackupView = {
  name: string
  type: 'Automatic' | 'OnDemand'
  status: 'Running' | 'Succeeded' | 'Failed' | 'Deleting'
  startedAt: string
  /** All that was committed by then is in it. */
  completedAt: string | null
  expiresAt: string
  bytes: number
  /** Key version that wraps the data key in its envelope: to restore, it must be able to unwrap. */
  kid: string
  /** Why it failed. */
  problem: string | null
}

export type BackupsView = {
  backups: BackupView[]
  retentionDays: number
  /** Null where no database runs. */
  nextAutomaticAt: string | null
  /** Time of the oldest backup that can be restored. */
  earliestRestorePoint: string | null
}

/** How many backups of a server a key version opens. */
export type DependentBackups = { serverName: string; backups: number; newestAt: string }

export const sealedTablesInput = z.object({ database: z.string().min(1).max(63) })
export const sealedPageInput = z.object({ file: z.string().max(200), page: z.number().int().min(0).max(200_000) })
export const sealedSearchInput = z.object({
  word: z
    .string()
    .min(4, 'Give a word of at least 4 characters: shorter ones are found in any bytes by chance.')
    .max(200, 'Give a word of at most 200 characters.'),
})

export type SealedTablesView = {
  databases: string[]
  /** `file` is the path below the data folder; null for a table that has none. */
  tables: { name: string; file: string; sizeBytes: number; system: boolean }[]
}

/** What key store or identity said when the data key was asked for. */
export type OpeningRefusal = { code: string; message: string }

/** One page of 8 KiB; bytes as base64. */
export type SealedPageView = {
  file: string
  /** Random, 16 bytes as hex: the keys of the file are derived from the data key and this. */
  fileId: string
  formatVersion: number
  /** Number of the page in its file, which is the tweak of its encryption. */
  page: number
  pages: number
  sealed: string
  /** Null when the data key cannot be had; `refusal` says why. */
  opened: string | null
  refusal: OpeningRefusal | null
}

export type SealedSearchView = {
  files: number
  bytes: number
  /** Matches in the bytes as they lie on the disk, and the files with any. */
  raw: number
  rawFiles: string[]
  /** Matches in what those bytes open to; null when the data key cannot be had. */
  opened: { kind: string; matches: number }[] | null
  /** Files that are not sealed: they hold nothing of the databases. */
  unsealed: string[]
  refusal: OpeningRefusal | null
}
