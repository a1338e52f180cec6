'use client'
import { findRegion, REGIONS, type Region, regionDisplayName } from '@/server/kernel/regions'
import { type OptionGroup, SelectField, useField } from './fields'

const offersGeoBackup = (region: Region): boolean => region.geoBackup && region.pair !== null

const option = (region: Region) => ({
  value: region.name,
  label: region.pair ? `${region.displayName} (paired with ${regionDisplayName(region.pair)})` : region.displayName,
  disabled: region.restricted,
})

const group = (label: string, fits: (region: Region) => boolean): OptionGroup => ({
  label,
  options: REGIONS.filter(fits).map(option),
})

const GROUPS: OptionGroup[] = [
  group('With geo-redundant backup', (r) => !r.restricted && offersGeoBackup(r)),
  group('Without geo-redundant backup', (r) => !r.restricted && !offersGeoBackup(r)),
  group('Restricted: Azure opens these to selected customers only', (r) => r.restricted),
]

export function RegionField() {
  const { value } = useField('basics.location')
  return (
    <SelectField
      path="basics.location"
      label="Region"
      required
      info="Where the server runs. A customer-managed key must be in the same region, and the key for geo-redundant backup in the paired one."
      placeholder="Select a region"
      groups={GROUPS}
      hint={summaryOf(findRegion(value))}
    />
  )
}

function summaryOf(region: Region | null): string | undefined {
  if (!region) return undefined
  const zones = region.zones ? `${region.zones} availability zones` : 'No availability zones'
  if (!region.pair) return `${zones}; no paired region, so no geo-redundant backup.`
  const pair = regionDisplayName(region.pair)
  return `${zones}; paired with ${pair}${offersGeoBackup(region) ? '' : ', without geo-redundant backup'}.`
}
