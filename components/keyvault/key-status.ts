import type { KeyVersionView, KeyView } from '@/server/keys/contract'

export type KeyStatusWord = 'Enabled' | 'Disabled' | 'Expired' | 'Not yet active'

/** How a key version stands at `now` (milliseconds, virtual). */
export function keyStatus(
  version: Pick<KeyVersionView, 'enabled' | 'notBefore' | 'expires'>,
  now: number,
): KeyStatusWord {
  if (!version.enabled) return 'Disabled'
  if (version.expires && Date.parse(version.expires) <= now) return 'Expired'
  if (version.notBefore && Date.parse(version.notBefore) > now) return 'Not yet active'
  return 'Enabled'
}

/** `RSA 3072`, `EC P-256`. */
export const keyKind = (key: Pick<KeyView, 'kty' | 'keySize' | 'curve'>): string =>
  [key.kty, key.keySize ?? key.curve].filter(Boolean).join(' ')
