/** Tabs, and which field is on which, in the order of the keyboard. */
export const TABS = [
  { id: 'basics', label: 'Basics' },
  { id: 'networking', label: 'Networking' },
  { id: 'security', label: 'Security' },
  { id: 'tags', label: 'Tags' },
  { id: 'review', label: 'Review + create' },
] as const
export type TabId = (typeof TABS)[number]['id']

export const isTab = (value: unknown): value is TabId => TABS.some((tab) => tab.id === value)

export const nextTab = (tab: TabId): TabId | null => TABS[TABS.findIndex((t) => t.id === tab) + 1]?.id ?? null
export const previousTab = (tab: TabId): TabId | null => TABS[TABS.findIndex((t) => t.id === tab) - 1]?.id ?? null
export const tabLabel = (tab: TabId): string => TABS.find((t) => t.id === tab)?.label ?? tab

type FieldGroup = { path: string; label: string; tab: TabId }

const group = (tab: TabId, fields: [path: string, label: string][]): FieldGroup[] =>
  fields.map(([path, label]) => ({ tab, path, label }))

const FIELDS: FieldGroup[] = [
  ...group('basics', [
    ['basics.subscriptionId', 'Subscription'],
    ['basics.resourceGroup', 'Resource group'],
    ['basics.name', 'Server name'],
    ['basics.location', 'Region'],
    ['basics.version', 'PostgreSQL version'],
    ['basics.workloadType', 'Workload type'],
    ['basics.compute', 'Compute size'],
    ['basics.storage.type', 'Storage type'],
    ['basics.storage.sizeGiB', 'Storage size'],
    ['basics.storage.performanceTier', 'Performance tier'],
    ['basics.storage.iops', 'IOPS'],
    ['basics.storage.throughput', 'Throughput'],
    ['basics.storage', 'Storage'],
    ['basics.backup.retentionDays', 'Backup retention period'],
    ['basics.backup', 'Geo-redundancy'],
    ['basics.availabilityZone', 'Availability zone'],
    ['basics.highAvailability', 'High availability'],
    ['basics.authentication.method', 'Authentication method'],
    ['basics.authentication.entraAdministrator', 'Microsoft Entra administrator'],
    ['basics.authentication.administratorLogin', 'Administrator login'],
    ['basics.authentication.password', 'Password'],
    ['confirmPassword', 'Confirm password'],
  ]),
  ...group('networking', [
    ['networking.virtualNetwork', 'Virtual network'],
    ['networking.subnet', 'Subnet'],
    ['networking.privateDnsZone', 'Private DNS zone'],
    ['networking.firewallRules', 'Firewall rules'],
    ['networking', 'Networking'],
  ]),
  ...group('security', [
    ['encryption.type', 'Data encryption key'],
    ['encryption.primary.identityId', 'User assigned managed identity'],
    ['encryption.primary', 'Key'],
    ['encryption.geo.identityId', 'User assigned managed identity for the paired region'],
    ['encryption.geo', 'Key for the paired region'],
    ['encryption', 'Data encryption'],
  ]),
  ...group('tags', [['tags', 'Tags']]),
]

const positionOf = (path: string): number => FIELDS.findIndex((f) => path === f.path || path.startsWith(`${f.path}.`))

/** The tab on which a field is; unknown fields count as Basics, where people look first. */
export const tabOf = (path: string): TabId => FIELDS[positionOf(path)]?.tab ?? 'basics'

export const labelOf = (path: string): string => FIELDS[positionOf(path)]?.label ?? path

/** In the order in which the fields stand on the tabs. */
export const inFieldOrder = (paths: string[]): string[] =>
  paths.toSorted((a, b) => positionOf(a) - positionOf(b) || a.localeCompare(b, 'en', { numeric: true }))

/** Fields of the compute and storage pane. */
export const isSizing = (path: string): boolean => /^basics\.(compute|storage|backup|highAvailability)\b/.test(path)

/** Whether a path that the server names is a field of this form. */
export const isField = (path: string): boolean => positionOf(path) >= 0
