import type { KeyPermission } from '@/server/keyvault/contract'

/** What a server's identity needs under the access-policy model. */
const SERVER_RIGHTS: readonly KeyPermission[] = ['get', 'list', 'wrapKey', 'unwrapKey']

/** Key permissions in the groups in which Azure shows them. */
export const PERMISSION_GROUPS = {
  'Key management operations': ['get', 'list', 'update', 'create', 'import', 'delete', 'recover', 'backup', 'restore'],
  'Cryptographic operations': ['decrypt', 'encrypt', 'unwrapKey', 'wrapKey', 'verify', 'sign'],
  'Privileged operations': ['purge', 'release'],
  'Rotation policy operations': ['rotate', 'getrotationpolicy', 'setrotationpolicy'],
} as const satisfies Record<string, readonly KeyPermission[]>

export const TEMPLATES: Record<string, readonly KeyPermission[]> = {
  'Customer-managed key of a server': SERVER_RIGHTS,
  'Key management': [
    ...PERMISSION_GROUPS['Key management operations'],
    ...PERMISSION_GROUPS['Rotation policy operations'],
  ],
}

const holds = (keys: string[], right: string) =>
  keys.some((k) => [right.toLowerCase(), 'all'].includes(k.toLowerCase()))

/** Whether a change takes something away that a server needs. */
export const losesServerRights = (before: string[], after: string[]): boolean =>
  SERVER_RIGHTS.some((right) => holds(before, right) && !holds(after, right))
