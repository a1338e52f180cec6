import 'server-only'
import type { AdvisorView } from '@/server/advisor/contract'
import { advise } from '@/server/advisor/service'
import type { Ctx } from '@/server/kernel/context'

export const readAdvisor = (ctx: Ctx): Promise<AdvisorView> => advise(ctx)
