import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'

/** What only the service itself may do: there is no door through which people create directories. */
export function requireService(ctx: Ctx): void {
  if (ctx.principal.isService) return
  throw new AppError('AuthorizationFailed', { publicMessage: 'Only the service itself may do this.' })
}
