import type { Ctx } from '@/server/kernel/context'
import type { NewSecrets } from './contract'
import type { ActionGroup } from './model'

const PURPOSE = 'webhook-secrets'
const contextOf = (groupId: string) => groupId.toLowerCase()

export const sealSecrets = (
  { custody }: Pick<Ctx, 'custody'>,
  groupId: string,
  secrets: NewSecrets,
): Uint8Array | null =>
  Object.keys(secrets).length ? custody.seal(PURPOSE, contextOf(groupId), Buffer.from(JSON.stringify(secrets))) : null

/** Signing secrets of a group's webhooks, by receiver name. @throws AppError `EnvelopeCorrupt`. */
export const openSecrets = (
  { custody }: Pick<Ctx, 'custody'>,
  group: Pick<ActionGroup, 'id' | 'sealedSecrets'>,
): NewSecrets =>
  group.sealedSecrets
    ? (JSON.parse(custody.open(PURPOSE, contextOf(group.id), group.sealedSecrets).toString('utf8')) as NewSecrets)
    : {}
