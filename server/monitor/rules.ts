import type { ActivityView } from '@/server/activity/contract'
import type { BellItem } from './contract'

const KIND: Record<string, BellItem['kind']> = {
  Started: 'progress',
  Accepted: 'progress',
  Succeeded: 'success',
  Failed: 'error',
  Active: 'warning',
  Resolved: 'success',
}

const TITLE: Record<BellItem['kind'], string> = {
  progress: 'In progress',
  success: 'Succeeded',
  warning: 'Needs attention',
  error: 'Failed',
  info: 'Information',
}

/**
 * What the bell says of the activity log: one line for each operation, showing its latest word, newest first.
 * @param events newest first.
 * @param seenSeq entries up to this one have been looked at.
 */
export function notificationsFrom(events: ActivityView[], seenSeq: number): BellItem[] {
  const told = new Set<string>()
  return events.flatMap((event) => {
    // Entries without an operation are whole in themselves.
    const subject = event.operationId ?? event.id
    if (told.has(subject)) return []
    told.add(subject)
    const kind = KIND[event.status] ?? 'info'
    return [
      {
        id: event.id,
        at: event.at,
        kind,
        title: event.description || event.operationName,
        text: [TITLE[kind], event.resourceName, event.caller].filter(Boolean).join(' · '),
        resourceId: event.resourceId,
        operationId: event.operationId,
        unread: event.seq > seenSeq,
      },
    ]
  })
}
