import type { EncryptionView, KeyUseView } from '@/server/postgres/contract'
import { checkEncryption, type KeyChoice } from '@/server/postgres/contract'

/** What the form holds: the settings as they would be sent. */
export type Draft = { primary: KeyChoice; geo: KeyChoice | null }

const choiceOf = (use: KeyUseView): KeyChoice => ({
  identityId: use.identityId ?? '',
  keyUri: use.keyUri,
  autoUpdate: use.autoUpdate,
})

/** The form as the server has it now. */
export const draftOf = ({ primary, geo }: EncryptionView): Draft => ({
  primary: primary ? choiceOf(primary) : { identityId: '', keyUri: '', autoUpdate: true },
  geo: geo && choiceOf(geo),
})

const sameChoice = (a: KeyChoice | null, b: KeyChoice | null): boolean =>
  a === b ||
  (!!a &&
    !!b &&
    a.identityId.toLowerCase() === b.identityId.toLowerCase() &&
    a.keyUri === b.keyUri &&
    a.autoUpdate === b.autoUpdate)

export const sameDraft = (a: Draft, b: Draft): boolean => sameChoice(a.primary, b.primary) && sameChoice(a.geo, b.geo)

/** Faults by field path, as the server would find them. */
export function draftFaults(draft: Draft): Record<string, string> {
  const faults: Record<string, string> = {}
  checkEncryption({ type: 'AzureKeyVault', ...draft }, draft.geo !== null, (path, message) => {
    faults[path.join('.')] ??= message
  })
  return faults
}
