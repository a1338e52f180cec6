import type { LockView } from '@/server/identity/contract'

type Level = LockView['level']

/** As Azure's portal writes them. */
export const LEVEL_LABELS: Record<Level, string> = { CanNotDelete: 'Delete', ReadOnly: 'Read-only' }

/** What a lock keeps people from, and what it does not. */
export const LEVEL_EFFECTS: Record<Level, string> = {
  CanNotDelete: 'Nobody can delete this or anything below it; everything can still be read and changed.',
  ReadOnly:
    'Nobody can change or delete this or anything below it: no network rule, no policy, no role assignment, no start or stop. It can be read.',
}
