import { expect, test } from 'vitest'
import { keyMembers, type ServerRecord } from '@/server/postgres/model'

const server = (mode: 'Disabled' | 'ZoneRedundant', geoKeyUri: string | null) =>
  ({
    geoKeyUri,
    properties: { availabilityZone: '1', highAvailability: { mode, standbyZone: '2' } },
  }) as unknown as ServerRecord

test('a standby opens the data key with the key of its server, and a geo-redundant backup with its own', () => {
  expect(keyMembers(server('Disabled', null)).map((m) => m.member)).toEqual(['server'])
  expect(keyMembers(server('ZoneRedundant', 'https://kv.vault.localhost/keys/geo'))).toEqual([
    { member: 'server', role: 'primary', zone: '1' },
    { member: 'standby', role: 'primary', zone: '2' },
    { member: 'geo-redundant backup', role: 'geo', zone: null },
  ])
})
