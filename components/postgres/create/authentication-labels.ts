import type { WizardValues } from './wizard-values'

type Method = WizardValues['basics']['authentication']['method']

export const METHODS: { value: Method; label: string }[] = [
  { value: 'PasswordOnly', label: 'PostgreSQL authentication only' },
  { value: 'EntraOnly', label: 'Microsoft Entra authentication' },
  { value: 'PasswordAndEntra', label: 'PostgreSQL and Microsoft Entra authentication' },
]

export const methodLabel = (method: Method): string => METHODS.find((m) => m.value === method)?.label ?? method
