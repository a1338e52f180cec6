'use client'
import { findStorageSize, type PerformanceTier, STORAGE_SIZES } from '@/server/postgres/catalog'
import { CheckField, RadioField, SelectField, TextField, useAssign } from './fields'
import { useWizardValues } from './wizard-context'
import type { WizardValues } from './wizard-values'

type Storage = WizardValues['basics']['storage']

export const STORAGE_LABELS: Record<Storage['type'], string> = {
  Premium_LRS: 'Premium SSD',
  PremiumV2_LRS: 'Premium SSD v2',
}

const sizeLabel = (sizeGiB: number): string =>
  sizeGiB < 1024 ? `${sizeGiB} GiB` : `${Math.round((sizeGiB / 1024) * 100) / 100} TiB`

const tierIops = (tier: PerformanceTier): number => STORAGE_SIZES.find((size) => size.tiers[0] === tier)?.iops ?? 0

/** The smallest size of Premium SSD that holds as much; the largest when none does. */
const fittingSize = (sizeGiB: number): number =>
  (STORAGE_SIZES.find((size) => size.sizeGiB >= sizeGiB) ?? STORAGE_SIZES.at(-1)!).sizeGiB

/** What a change of type makes of the settings: each type has numbers of its own. */
const asType = (storage: Storage, type: Storage['type']): Storage =>
  type === 'PremiumV2_LRS'
    ? { ...storage, type, performanceTier: null, autoGrow: false, iops: 3000, throughput: 125 }
    : { ...storage, type, sizeGiB: fittingSize(storage.sizeGiB), iops: null, throughput: null }

export function StorageFields() {
  const { basics } = useWizardValues()
  const assign = useAssign()
  const change = (next: Storage) => assign('basics.storage', next)
  const { storage } = basics
  const noV2 =
    basics.compute.tier === 'Burstable'
      ? 'Needs General Purpose or Memory Optimized compute'
      : Number(basics.version) < 14
        ? 'Needs PostgreSQL 14 or newer'
        : null
  return (
    <>
      <RadioField
        path="basics.storage.type"
        label="Storage type"
        required
        info="Cannot be changed later. Premium SSD v2 sets size, IOPS and throughput apart from one another."
        options={[
          { value: 'Premium_LRS', label: STORAGE_LABELS.Premium_LRS },
          { value: 'PremiumV2_LRS', label: STORAGE_LABELS.PremiumV2_LRS, hint: noV2, disabled: noV2 !== null },
        ]}
        onChoose={(type) => change(asType(storage, type as Storage['type']))}
      />
      {storage.type === 'PremiumV2_LRS' ? <PremiumV2 /> : <Premium storage={storage} onChange={change} />}
    </>
  )
}

function PremiumV2() {
  return (
    <>
      <TextField
        path="basics.storage.sizeGiB"
        label="Storage size (GiB)"
        type="number"
        required
        hint="32 to 65,536 GiB. It can grow later, never shrink."
      />
      <TextField
        path="basics.storage.iops"
        label="IOPS"
        type="number"
        required
        hint="3000 to 80,000; the size sets the limit."
      />
      <TextField
        path="basics.storage.throughput"
        label="Throughput (MB/s)"
        type="number"
        required
        hint="125 to 1200; a quarter of the IOPS is the limit."
      />
    </>
  )
}

function Premium({ storage, onChange }: { storage: Storage; onChange: (storage: Storage) => void }) {
  const size = findStorageSize(storage.sizeGiB)
  const resize = (sizeGiB: number) => {
    const keeps = storage.performanceTier && findStorageSize(sizeGiB)?.tiers.includes(storage.performanceTier)
    onChange({ ...storage, sizeGiB, performanceTier: keeps ? storage.performanceTier : null })
  }
  const [own, ...higher] = size?.tiers ?? []
  return (
    <>
      <SelectField
        path="basics.storage.sizeGiB"
        label="Storage size"
        required
        info="It can grow later, never shrink."
        options={STORAGE_SIZES.map((s) => ({
          value: String(s.sizeGiB),
          label: `${sizeLabel(s.sizeGiB)} (${s.iops.toLocaleString('en-US')} IOPS)`,
        }))}
        onChoose={(sizeGiB) => resize(Number(sizeGiB))}
      />
      <SelectField
        path="basics.storage.performanceTier"
        label="Performance tier"
        info="More IOPS than the size brings along, charged as the size that has them."
        options={[
          { value: '', label: own ? `${own} (${tierIops(own).toLocaleString('en-US')} IOPS, default)` : 'Default' },
          ...higher.map((tier) => ({ value: tier, label: `${tier} (${tierIops(tier).toLocaleString('en-US')} IOPS)` })),
        ]}
        onChoose={(tier) => onChange({ ...storage, performanceTier: (tier || null) as PerformanceTier | null })}
      />
      <CheckField
        path="basics.storage.autoGrow"
        label="Storage autogrow"
        hint="Takes the next size before the storage is full."
      />
    </>
  )
}
