import { expect, test } from 'vitest'
import { bytesText, nameAt } from '@/components/postgres/backups/backup-text'
import { backupInput } from '@/server/postgres/contract'

test('bytes are told in the largest unit that leaves a whole number, at every limit', () => {
  expect([0, 1, 1023, 1024, 1536, 1024 ** 2, 41_943_040, 1024 ** 3, 1024 ** 5].map(bytesText)).toEqual([
    '0 bytes',
    '1 bytes',
    '1,023 bytes',
    '1 KiB',
    '1.5 KiB',
    '1 MiB',
    '40 MiB',
    '1 GiB',
    '1,024 TiB',
  ])
})

test('the name that is offered for a backup is one that is taken', () => {
  const name = nameAt('2030-01-02T03:04:05.678Z')
  expect(name).toBe('manual-2030-01-02-0304')
  expect(backupInput.safeParse({ serverId: 's', name }).success).toBe(true)
})
