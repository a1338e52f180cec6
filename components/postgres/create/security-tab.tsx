'use client'
import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, Text, tokens } from '@fluentui/react-components'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { findRegion, regionDisplayName } from '@/server/kernel/regions'
import { MODES } from '@/server/postgres/model'
import { RadioField } from './fields'
import { KeyGroup } from './key-group'
import { PreflightPanel, TestAccessButton } from './preflight-panel'
import type { Preflight } from './use-preflight'
import { type KeyRole, useWizardValues } from './wizard-context'

const useStyles = makeStyles({
  column: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL },
  bar: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  head: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
})

/** The regions that need a key, the server's own first. */
export function keyRegions(location: string, geoRedundant: boolean): { role: KeyRole; region: string }[] {
  const pair = findRegion(location)?.pair ?? ''
  return [{ role: 'primary', region: location }, ...(geoRedundant ? [{ role: 'geo' as const, region: pair }] : [])]
}

export function SecurityTab({ preflight }: { preflight: Preflight }) {
  const styles = useStyles()
  const { basics, encryption } = useWizardValues()
  const regions = keyRegions(basics.location, basics.backup.geoRedundant)
  return (
    <Section title="Data encryption">
      <div className={styles.column}>
        <Text>
          What the server stores is encrypted with a data key, and that key is wrapped by another one. Choose whose key
          that is: the choice stands for the whole life of the server.
        </Text>
        <RadioField
          path="encryption.type"
          label="Data encryption key"
          info="To change the choice later, restore the server to a new one."
          options={[
            {
              value: 'SystemManaged',
              label: MODES.SystemManaged,
              hint: 'The service keeps the key and rotates it; there is nothing to do.',
            },
            {
              value: 'AzureKeyVault',
              label: MODES.AzureKeyVault,
              hint: 'Your key in a key vault or Managed HSM: you rotate it, and you can take it away.',
            },
          ]}
        />
        {encryption.type === 'AzureKeyVault' ? (
          <>
            {basics.backup.geoRedundant && <TwoRegions location={basics.location} />}
            {regions.map(({ role, region }) => (
              <KeyGroup key={role} role={role} region={region} />
            ))}
            <AccessTest preflight={preflight} regions={regions} />
            <SimulatedNote>
              keys live in this portal’s own vaults and HSMs, and the data key is really wrapped by them. Keys of
              another tenant (multi-tenant applications) are not offered.
            </SimulatedNote>
          </>
        ) : (
          <ServiceManaged regions={regions} />
        )}
      </div>
    </Section>
  )
}

function TwoRegions({ location }: { location: string }) {
  const pair = findRegion(location)?.pair
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>Two keys are needed</MessageBarTitle>
        Geo-redundant backup is on: a second identity and key in {pair ? regionDisplayName(pair) : 'the paired region'}{' '}
        protect the copies of the backups there.
      </MessageBarBody>
    </MessageBar>
  )
}

function ServiceManaged({ regions }: { regions: { role: KeyRole; region: string }[] }) {
  return (
    <Text>
      {regions.length === 1
        ? 'The service protects the data with a key of its own.'
        : `The service protects the data with keys of its own: one in ${regionDisplayName(regions[0]!.region)}, and one in ${regionDisplayName(regions[1]!.region)} for the copies of the backups.`}
    </Text>
  )
}

function AccessTest(props: { preflight: Preflight; regions: { role: KeyRole; region: string }[] }) {
  const styles = useStyles()
  const { preflight } = props
  const { encryption } = useWizardValues()
  const tested = preflight.rules.primary !== null
  return (
    <>
      <div className={styles.bar}>
        <TestAccessButton
          testing={preflight.testing}
          notReady={preflight.notReady}
          onTest={preflight.test}
          tested={tested}
        />
        <Text>
          Wraps and unwraps a test value in the identity’s name, and checks every rule before anything is created.
        </Text>
      </div>
      <div role="status">{tested && !preflight.testing && <Verdict preflight={preflight} />}</div>
      {preflight.problem && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{preflight.problem}</MessageBarBody>
        </MessageBar>
      )}
      {props.regions.map(({ role, region }) => {
        const rules = preflight.rules[role]
        if (!rules) return null
        const title = `Access test for ${regionDisplayName(region)}`
        return (
          <section key={role} aria-label={title}>
            <h3 className={styles.head}>{title}</h3>
            <PreflightPanel label={title} rules={rules} choice={encryption[role]} onMended={preflight.test} />
          </section>
        )
      })}
    </>
  )
}

function Verdict({ preflight }: { preflight: Preflight }) {
  const broken = preflight.broken.length
  if (broken) {
    return (
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>
            {broken === 1 ? '1 required rule is' : `${broken} required rules are`} broken
          </MessageBarTitle>
          The server cannot be created like this. What one click can mend has a button.
        </MessageBarBody>
      </MessageBar>
    )
  }
  return preflight.open ? (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>Nothing is broken, but not everything could be checked</MessageBarTitle>
        The server can be created; its deployment checks the rest.
      </MessageBarBody>
    </MessageBar>
  ) : (
    <MessageBar intent="success" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>All required rules hold</MessageBarTitle>
        The server can be created with these keys.
      </MessageBarBody>
    </MessageBar>
  )
}
