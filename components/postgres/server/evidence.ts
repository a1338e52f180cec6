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
