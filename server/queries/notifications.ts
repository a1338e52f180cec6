import 'server-only'
import type { InboxView } from '@/server/alerts/contract'
import { inbox } from '@/server/alerts/service'
import type { Ctx } from '@/server/kernel/context'
import type { BellItem } from '@/server/monitor/contract'
import { notifications } from '@/server/monitor/service'

export type NotificationsData = { items: BellItem[]; newestSeq: number; inbox: InboxView[] }

export async function readNotifications(ctx: Ctx): Promise<NotificationsData> {
  const [bell, messages] = await Promise.all([notifications(ctx), inbox(ctx)])
  return { ...bell, inbox: messages }
}
