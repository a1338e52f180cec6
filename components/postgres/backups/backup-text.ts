import type { BackupView } from '@/server/postgres/contract'

export const TYPE_LABELS: Record<BackupView['type'], string> = { Automatic: 'Automatic', OnDemand: 'On demand' }

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes in the largest unit that leaves a whole number before the point. */
export function bytesText(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const digits = power === 0 ? 0 : 1
  return `${(bytes / 1024 ** power).toLocaleString('en', { maximumFractionDigits: digits })} ${UNITS[power]}`
}

/** A name for a backup that is taken at this instant. */
export const nameAt = (at: string): string => `manual-${at.slice(0, 16).replace('T', '-').replaceAll(':', '')}`
