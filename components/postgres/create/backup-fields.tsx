'use client'
import { makeStyles, Text, tokens } from '@fluentui/react-components'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { findRegion, type Region, regionDisplayName } from '@/server/kernel/regions'
import { CheckField, useField, useOrientation } from './fields'
import { useWizard, useWizardValues } from './wizard-context'

const useStyles = makeStyles({
  slider: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalM },
  range: { flexGrow: 1, accentColor: tokens.colorCompoundBrandBackground, height: '32px' },
  days: { minWidth: '64px', textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
})

/** Follows from region and geo-redundancy; nobody chooses it. */
export function backupRedundancy(region: Region | null, geoRedundant: boolean): string {
  if (geoRedundant) return 'Geo-redundant: copies in two regions (16 nines of durability)'
  return region && region.zones > 0
    ? 'Zone redundant: copies in several zones (12 nines of durability)'
    : 'Locally redundant: copies in one datacenter (11 nines of durability)'
}

const noGeoBackup = (region: Region | null): string | null => {
  if (!region) return 'Choose a region first.'
  return region.geoBackup && region.pair ? null : `${region.displayName} has no geo-redundant backup.`
}

export function BackupFields() {
  const orientation = useOrientation()
  const { basics, encryption } = useWizardValues()
  const region = findRegion(basics.location)
  const days = useField<number>('basics.backup.retentionDays')
  const geo = useField<boolean>('basics.backup.geoRedundant')
  const { reveal } = useWizard()
  const chooseGeo = (on: boolean) => {
    geo.choose(on)
    // The second identity and key are missing from now on: the tab Security says so at once.
    if (on && encryption.type === 'AzureKeyVault') reveal('security')
  }
  return (
    <>
      <FieldWithInfo
        label="Backup retention period (in days)"
        orientation={orientation}
        error={days.error}
        info="How long each backup is kept: one a day, and those taken on demand."
      >
        <RetentionSlider value={days.value} onChange={days.choose} />
      </FieldWithInfo>
      <FieldWithInfo label="Backup redundancy" orientation={orientation}>
        <Text role="note">{backupRedundancy(region, basics.backup.geoRedundant)}</Text>
      </FieldWithInfo>
      <CheckField
        path="basics.backup.geoRedundant"
        label="Geo-redundancy: recover from regional outage or disaster"
        unavailable={noGeoBackup(region)}
        onChoose={chooseGeo}
        hint={geoHint(region, encryption.type === 'AzureKeyVault')}
      />
      <SimulatedNote>
        backups lie sealed on this machine, whatever the redundancy. With geo-redundancy the second key is made, wrapped
        and watched; copies in the paired region are not made in this version.
      </SimulatedNote>
    </>
  )
}

function geoHint(region: Region | null, ownKey: boolean): string {
  const where = region?.pair ? regionDisplayName(region.pair) : 'the paired region'
  const keys = ownKey ? ' A customer-managed key then needs a second key and identity there.' : ''
  return `Copies the backups to ${where}. It cannot be turned on or off later.${keys}`
}

/** Takes the field's label and error from `FieldWithInfo`. */
export function RetentionSlider({ value, onChange, ...control }: { value: number; onChange: (days: number) => void }) {
  const styles = useStyles()
  return (
    <div className={styles.slider} data-field="basics.backup.retentionDays">
      {/* Fluent's slider styles itself by a keyword at which browsers warn. */}
      <input
        {...control}
        type="range"
        className={styles.range}
        min={7}
        max={35}
        value={value}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
      <span className={styles.days}>{value} days</span>
    </div>
  )
}
