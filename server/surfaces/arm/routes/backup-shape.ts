import { RESOURCE_TYPES } from '@/server/kernel/resource-id'
import type { BackupView } from '@/server/postgres/contract'

export const BACKUP_TYPE = `${RESOURCE_TYPES.server}/backups`

export const backupShape = (serverId: string, backup: BackupView) => ({
  id: `${serverId}/backups/${backup.name}`,
  name: backup.name,
  type: BACKUP_TYPE,
  properties: {
    backupType: backup.type === 'Automatic' ? 'Full' : 'Customer On-Demand',
    completedTime: backup.completedAt,
    source: backup.type === 'Automatic' ? 'Automatic' : 'Customer Initiated',
  },
})
