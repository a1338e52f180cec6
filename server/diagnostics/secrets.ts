import type { Ctx } from '@/server/kernel/context'
import type { Sink } from './model'

const PURPOSE = 'audit-sink-secret'

export const sealSecret = ({ custody }: Pick<Ctx, 'custody'>, sinkId: string, secret: string): Uint8Array =>
  custody.seal(PURPOSE, sinkId, Buffer.from(secret))

/** The secret that signs a webhook's requests. @throws AppError `EnvelopeCorrupt`. */
export const openSecret = (
  { custody }: Pick<Ctx, 'custody'>,
  { id, sealedSecret }: Pick<Sink, 'id' | 'sealedSecret'>,
): string | null => (sealedSecret ? custody.open(PURPOSE, id, sealedSecret).toString('utf8') : null)
