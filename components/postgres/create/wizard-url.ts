import { z } from 'zod'
import { basicsInput, keyChoice, networkingInput, tagsInput } from '@/server/postgres/contract'
import { DEFAULT_VALUES, EMPTY_RULE, EMPTY_TAG, type WizardValues } from './wizard-values'

/** Raised when a field changes its meaning; older links are then ignored with a note. */
const FORMAT = 1
const LONGEST = 12_000

type Json = Record<string, unknown>
const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const withoutSecrets = (values: WizardValues): WizardValues => ({
  ...values,
  confirmPassword: '',
  basics: { ...values.basics, authentication: { ...values.basics.authentication, password: '' } },
})

/** What differs from `base`, as nested objects; undefined when nothing does. */
function difference(base: unknown, value: unknown): unknown {
  if (!isRecord(base) || !isRecord(value)) return JSON.stringify(base) === JSON.stringify(value) ? undefined : value
  const entries = Object.keys(value)
    .map((key) => [key, difference(base[key], value[key])] as const)
    .filter(([, changed]) => changed !== undefined)
  return entries.length ? Object.fromEntries(entries) : undefined
}

/** The form as a link carries it: what differs from the defaults, base64url of JSON; '' when nothing does. Never a password. */
export function encodeValues(values: WizardValues): string {
  const changed = difference(DEFAULT_VALUES, withoutSecrets(values))
  return changed === undefined ? '' : toBase64Url(JSON.stringify({ v: FORMAT, d: changed }))
}

export type DecodedValues = { values: WizardValues; broken: boolean }

/** Reads a link's form; what cannot be read leaves the defaults and `broken`. A password in a link is dropped. */
export function decodeValues(encoded: string | undefined): DecodedValues {
  if (!encoded) return { values: DEFAULT_VALUES, broken: false }
  const values = encoded.length <= LONGEST ? readValues(encoded) : null
  return { values: values ?? DEFAULT_VALUES, broken: values === null }
}

function readValues(encoded: string): WizardValues | null {
  try {
    const parsed: unknown = JSON.parse(fromBase64Url(encoded))
    if (!isRecord(parsed) || parsed.v !== FORMAT || !isRecord(parsed.d)) return null
    const values = adopt(SHAPE, DEFAULT_VALUES, parsed.d) as WizardValues
    return hasShape(values) ? withoutSecrets(values) : null
  } catch {
    return null
  }
}

/** The defaults with one example item in each list, so that unknown properties can be left behind everywhere. */
const SHAPE: WizardValues = {
  ...DEFAULT_VALUES,
  networking: { ...DEFAULT_VALUES.networking, firewallRules: [EMPTY_RULE] },
  tags: [EMPTY_TAG],
}

function adopt(shape: unknown, base: unknown, patch: unknown): unknown {
  if (patch === undefined) return base
  if (Array.isArray(shape)) {
    return Array.isArray(patch) ? patch.map((item) => adopt(shape[0], shape[0], item)) : patch
  }
  if (!isRecord(shape) || !isRecord(base) || !isRecord(patch)) return patch
  return Object.fromEntries(Object.keys(shape).map((key) => [key, adopt(shape[key], base[key], patch[key])]))
}

const draft = z.object({
  basics: basicsInput,
  networking: networkingInput,
  encryption: z.object({ type: z.enum(['SystemManaged', 'AzureKeyVault']), primary: keyChoice, geo: keyChoice }),
  tags: tagsInput,
  confirmPassword: z.string(),
})

/** Faults of the text are for the person to mend; faults of the type cannot come from the form. */
const DRAFT_FAULTS: string[] = ['too_small', 'too_big', 'invalid_format', 'custom']

function hasShape(values: unknown): boolean {
  const parsed = draft.safeParse(values)
  return parsed.success || parsed.error.issues.every((issue) => DRAFT_FAULTS.includes(issue.code))
}

const toBase64Url = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

const fromBase64Url = (text: string): string =>
  new TextDecoder('utf-8', { fatal: true }).decode(
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0)),
  )
