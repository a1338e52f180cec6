const LABELS: Record<string, string> = {
  keyStore: 'Key store',
  key: 'Key',
  version: 'Key version',
  identity: 'Identity',
  principalId: 'Object id',
  answer: 'Answer of the key store',
  expires: 'Expires',
  notBefore: 'Activation date',
  enabled: 'Enabled',
}

/** The name of a fact as people read it: `keyStore` is "Key store". */
export function evidenceLabel(name: string): string {
  const words = name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
  return LABELS[name] ?? words.charAt(0).toUpperCase() + words.slice(1)
}

export const isInstant = (value: string): boolean => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)

/** A fact as people read it: yes and no for truth, the name for a resource id. */
export function evidenceText(value: string): string {
  if (value === 'true' || value === 'false') return value === 'true' ? 'Yes' : 'No'
  return value.startsWith('/subscriptions/') ? (value.split('/').at(-1) ?? value) : value
}
