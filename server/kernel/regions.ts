/** A region as flexible server offers it. Source: Azure regions list (Mar 2025) and the service's region table (Dec 2025). */
export type Region = {
  name: string
  displayName: string
  /** Name of the paired region; null for regions without a pair. */
  pair: string | null
  /** Number of availability zones: 3 or 0. */
  zones: number
  geoBackup: boolean
  zoneRedundantHa: boolean
  /** Access to the region is restricted to few customers. */
  restricted: boolean
}

const r = (
  name: string,
  displayName: string,
  pair: string | null,
  zones: number,
  geoBackup: boolean,
  zoneRedundantHa: boolean,
  restricted = false,
): Region => ({ name, displayName, pair, zones, geoBackup, zoneRedundantHa, restricted })

export const REGIONS: readonly Region[] = [
  r('australiacentral', 'Australia Central', 'australiacentral2', 0, true, false),
  r('australiacentral2', 'Australia Central 2', 'australiacentral', 0, false, false, true),
  r('australiaeast', 'Australia East', 'australiasoutheast', 3, true, true),
  r('australiasoutheast', 'Australia Southeast', 'australiaeast', 0, true, false),
  r('austriaeast', 'Austria East', null, 3, false, true),
  r('belgiumcentral', 'Belgium Central', null, 3, false, true),
  r('brazilsouth', 'Brazil South', 'southcentralus', 3, false, true),
  r('brazilsoutheast', 'Brazil Southeast', 'brazilsouth', 0, false, false, true),
  r('canadacentral', 'Canada Central', 'canadaeast', 3, true, true),
  r('canadaeast', 'Canada East', 'canadacentral', 0, true, false),
  r('centralindia', 'Central India', 'southindia', 3, true, true),
  r('centralus', 'Central US', 'eastus2', 3, true, true),
  r('chilecentral', 'Chile Central', null, 3, false, true),
  r('eastasia', 'East Asia', 'southeastasia', 3, true, true),
  r('eastus', 'East US', 'westus', 3, true, true),
  r('eastus2', 'East US 2', 'centralus', 3, true, true),
  r('francecentral', 'France Central', 'francesouth', 3, true, true),
  r('francesouth', 'France South', 'francecentral', 0, true, false, true),
  r('germanynorth', 'Germany North', 'germanywestcentral', 0, true, false, true),
  r('germanywestcentral', 'Germany West Central', 'germanynorth', 3, true, true),
  r('indonesiacentral', 'Indonesia Central', null, 3, false, true),
  r('israelcentral', 'Israel Central', null, 3, false, true),
  r('italynorth', 'Italy North', null, 3, false, true),
  r('japaneast', 'Japan East', 'japanwest', 3, true, true),
  r('japanwest', 'Japan West', 'japaneast', 3, true, false),
  r('jioindiacentral', 'Jio India Central', 'jioindiawest', 0, true, false),
  r('jioindiawest', 'Jio India West', 'jioindiacentral', 0, true, false),
  r('koreacentral', 'Korea Central', 'koreasouth', 3, true, true),
  r('koreasouth', 'Korea South', 'koreacentral', 0, true, false, true),
  r('malaysiawest', 'Malaysia West', null, 3, false, true),
  r('mexicocentral', 'Mexico Central', null, 3, false, true),
  r('newzealandnorth', 'New Zealand North', null, 3, false, true),
  r('northcentralus', 'North Central US', 'southcentralus', 0, true, false),
  r('northeurope', 'North Europe', 'westeurope', 3, true, true),
  r('norwayeast', 'Norway East', 'norwaywest', 3, true, true),
  r('norwaywest', 'Norway West', 'norwayeast', 0, true, false, true),
  r('polandcentral', 'Poland Central', null, 3, false, true),
  r('qatarcentral', 'Qatar Central', null, 3, false, true),
  r('southafricanorth', 'South Africa North', 'southafricawest', 3, true, true),
  r('southafricawest', 'South Africa West', 'southafricanorth', 0, true, false, true),
  r('southcentralus', 'South Central US', 'northcentralus', 3, true, true),
  r('southindia', 'South India', 'centralindia', 0, true, true),
  r('southeastasia', 'Southeast Asia', 'eastasia', 3, true, true),
  r('spaincentral', 'Spain Central', null, 3, false, true),
  r('swedencentral', 'Sweden Central', 'swedensouth', 3, true, true),
  // Not offered by the service; here since key stores of Sweden Central's geo backups lie in it.
  r('swedensouth', 'Sweden South', 'swedencentral', 0, false, false, true),
  r('switzerlandnorth', 'Switzerland North', 'switzerlandwest', 3, true, true),
  r('switzerlandwest', 'Switzerland West', 'switzerlandnorth', 0, true, false, true),
  r('uaecentral', 'UAE Central', 'uaenorth', 0, true, false, true),
  r('uaenorth', 'UAE North', 'uaecentral', 3, true, true),
  r('uksouth', 'UK South', 'ukwest', 3, true, true),
  r('ukwest', 'UK West', 'uksouth', 0, true, false),
  r('westcentralus', 'West Central US', 'westus2', 0, true, false),
  r('westeurope', 'West Europe', 'northeurope', 3, true, true),
  r('westus', 'West US', 'eastus', 0, true, false),
  r('westus2', 'West US 2', 'westcentralus', 3, true, true),
  r('westus3', 'West US 3', 'eastus', 3, false, true),
]

const byName = new Map(REGIONS.map((region) => [region.name, region]))

export const findRegion = (name: string): Region | null => byName.get(name.toLowerCase().replaceAll(' ', '')) ?? null

export const regionDisplayName = (name: string): string => findRegion(name)?.displayName ?? name

/** Geographies whose regions do not all begin with the same word. */
const GEOGRAPHIES: readonly [pattern: RegExp, geography: string][] = [
  [/^(north|west)europe$/, 'europe'],
  [/^(east|southeast)asia$/, 'asiapacific'],
  [/india/, 'india'],
  [/^(central|east|north|south|west).*us\d?$/, 'unitedstates'],
  [/^uae/, 'uae'],
  [/^uk/, 'unitedkingdom'],
]

/** The geography of a region, within which backups of keys may move. Source: Azure geographies. */
export function geographyOf(region: string): string {
  const known = GEOGRAPHIES.find(([pattern]) => pattern.test(region))
  return known?.[1] ?? region.replace(/(north|south|east|west|central)+\d?$/, '')
}
