import 'server-only'
import type { Ctx } from '@/server/kernel/context'
import type { BellItem } from '@/server/monitor/contract'
import { notifications } from '@/server/monitor/service'

export type NotificationsData = { items: BellItem[]; newestSeq: number }

export const readNotifications = (ctx: Ctx): Promise<NotificationsData> => notifications(ctx)
