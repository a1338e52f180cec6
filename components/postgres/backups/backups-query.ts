import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { BackupsView, BackupView } from '@/server/postgres/contract'

const BUSY_POLL_MS = 2_000
const POLL_MS = 30_000

export const isMoving = ({ status }: BackupView): boolean => status === 'Running' || status === 'Deleting'

export const backupsQuery = (name: string) =>
  queryOptions({
    // Below the server's own key: what changes the server changes this.
    queryKey: ['servers', 'one', name, 'backups'],
    queryFn: ({ signal }) => getJson<BackupsView>(`servers/${encodeURIComponent(name)}/backups`, signal),
    refetchInterval: (query) => (query.state.data?.backups.some(isMoving) ? BUSY_POLL_MS : POLL_MS),
  })
