import { NEWEST_VERSION } from '@/server/postgres/catalog'
import type { CreateServerInput, KeyChoice } from '@/server/postgres/contract'

export const WIZARD_TITLE = 'New Azure Database for PostgreSQL flexible server'

type Encryption = CreateServerInput['encryption']

/**
 * What the form holds. It mirrors the fields: choices stay remembered while their part of the form is hidden, and
 * `toInput` leaves them out of what is sent.
 */
export type WizardValues = Omit<CreateServerInput, 'encryption'> & {
  encryption: { type: Encryption['type']; primary: KeyChoice; geo: KeyChoice }
  confirmPassword: string
}

export type WorkloadType = CreateServerInput['basics']['workloadType']
type Basics = CreateServerInput['basics']
type Sizing = Pick<Basics, 'compute' | 'storage' | 'highAvailability'>

const NO_STANDBY: Basics['highAvailability'] = { mode: 'Disabled', standbyZone: 'none' }

/** What choosing a workload type fills in. */
export const WORKLOADS: Record<WorkloadType, { label: string; hint: string; sizing: Sizing }> = {
  Development: {
    label: 'Development',
    hint: 'Burstable compute for work that is idle most of the time.',
    sizing: {
      compute: { tier: 'Burstable', sku: 'Standard_B1ms' },
      storage: premium(32),
      highAvailability: NO_STANDBY,
    },
  },
  Production: {
    label: 'Production',
    hint: 'General Purpose compute, or Memory Optimized, for steady work.',
    sizing: {
      compute: { tier: 'GeneralPurpose', sku: 'Standard_D2ds_v5' },
      storage: premium(128),
      highAvailability: NO_STANDBY,
    },
  },
}

function premium(sizeGiB: number): Basics['storage'] {
  return { type: 'Premium_LRS', sizeGiB, performanceTier: null, autoGrow: false, iops: null, throughput: null }
}

export const EMPTY_CHOICE: KeyChoice = { identityId: '', keyUri: '', autoUpdate: true }
export const EMPTY_RULE = { name: '', startIp: '', endIp: '' }
export const EMPTY_TAG = { name: '', value: '' }

export const DEFAULT_VALUES: WizardValues = {
  basics: {
    subscriptionId: '',
    resourceGroup: '',
    name: '',
    location: '',
    version: NEWEST_VERSION,
    workloadType: 'Production',
    availabilityZone: 'none',
    ...WORKLOADS.Production.sizing,
    backup: { retentionDays: 7, geoRedundant: false },
    authentication: { method: 'PasswordOnly', administratorLogin: '', password: '', entraAdministrator: null },
  },
  networking: {
    connectivity: 'Public',
    publicAccess: true,
    allowAzureServices: false,
    firewallRules: [],
    virtualNetwork: '',
    subnet: '',
    privateDnsZone: '',
  },
  encryption: { type: 'SystemManaged', primary: EMPTY_CHOICE, geo: EMPTY_CHOICE },
  tags: [],
  confirmPassword: '',
}

/** What is sent: the form without the parts that its other choices hide. */
export function toInput(values: WizardValues): CreateServerInput {
  const { basics, encryption } = values
  return {
    basics: {
      ...basics,
      storage: sentStorage(basics.storage),
      highAvailability: {
        mode: basics.highAvailability.mode,
        standbyZone: basics.highAvailability.mode === 'ZoneRedundant' ? basics.highAvailability.standbyZone : 'none',
      },
      authentication: sentAuthentication(basics.authentication),
    },
    networking: sentNetworking(values.networking),
    encryption:
      encryption.type === 'SystemManaged'
        ? { type: encryption.type, primary: null, geo: null }
        : {
            type: encryption.type,
            primary: encryption.primary,
            geo: basics.backup.geoRedundant ? encryption.geo : null,
          },
    tags: values.tags,
  }
}

const sentStorage = (storage: Basics['storage']): Basics['storage'] =>
  storage.type === 'PremiumV2_LRS'
    ? { ...storage, performanceTier: null, autoGrow: false }
    : { ...storage, iops: null, throughput: null }

const sentAuthentication = (auth: Basics['authentication']): Basics['authentication'] => ({
  method: auth.method,
  administratorLogin: auth.method === 'EntraOnly' ? '' : auth.administratorLogin,
  password: auth.method === 'EntraOnly' ? '' : auth.password,
  entraAdministrator: auth.method === 'PasswordOnly' ? null : auth.entraAdministrator,
})

function sentNetworking(networking: CreateServerInput['networking']): CreateServerInput['networking'] {
  if (networking.connectivity === 'Private') {
    return { ...networking, publicAccess: false, allowAzureServices: false, firewallRules: [] }
  }
  const shut = networking.publicAccess ? {} : { allowAzureServices: false, firewallRules: [] }
  return { ...networking, ...shut, virtualNetwork: '', subnet: '', privateDnsZone: '' }
}

/** The form of a request that was made before, for doing it over; its password is asked for again. */
export function fromInput(input: CreateServerInput): WizardValues {
  const { type, primary, geo } = input.encryption
  return {
    ...input,
    encryption: { type, primary: primary ?? EMPTY_CHOICE, geo: geo ?? EMPTY_CHOICE },
    confirmPassword: '',
  }
}
