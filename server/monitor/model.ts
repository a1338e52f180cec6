import type { AgendaKind } from '@/server/clock/model'

/** Names of what falls due, for people. */
export const AGENDA_TITLES: Record<AgendaKind, string> = {
  'key-access-sweep': 'Key access check of all servers',
  'key-rotation': 'Key rotation by policy',
  'key-near-expiry': 'Notice before a key expires',
  'purge-key': 'Purge of a deleted key',
  'purge-vault': 'Purge of a deleted vault',
  'purge-managed-hsm': 'Purge of a deleted Managed HSM',
  backup: 'An automatic backup is taken',
  'expire-backup': 'A backup is deleted: its retention ends',
  monitoring: 'Metrics are sampled and alert rules evaluated',
  'resume-operation': 'A waiting deployment goes on',
}
