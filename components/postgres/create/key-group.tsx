'use client'
import { Checkbox, Input, Link, makeStyles, Radio, RadioGroup, Text, tokens } from '@fluentui/react-components'
import { useId, useRef, useState } from 'react'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { regionDisplayName } from '@/server/kernel/regions'
import { parseResourceId, sameId } from '@/server/kernel/resource-id'
import { EXAMPLE_KEY_URI } from '@/server/postgres/contract'
import { FieldGroup, UnderControl, useField, useOrientation } from './fields'
import { IdentityPane } from './identity-pane'
import { KeyPane } from './key-pane'
import { versionOf, withoutVersion, withVersion } from './key-uri'
import { type KeyMethod, type KeyRole, useWizard, useWizardValues } from './wizard-context'

const useStyles = makeStyles({
  group: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: tokens.spacingVerticalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    padding: tokens.spacingHorizontalL,
    margin: 0,
    minWidth: 0,
  },
  legend: { fontWeight: tokens.fontWeightSemibold, padding: `0 ${tokens.spacingHorizontalXS}` },
  row: {
    display: 'flex',
    minHeight: '32px',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    flexWrap: 'wrap',
    minWidth: 0,
  },
  faint: { color: tokens.colorNeutralForeground3 },
  hint: {
    display: 'block',
    paddingLeft: '32px',
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
})

/** Identity and key for one region. */
export function KeyGroup({ role, region }: { role: KeyRole; region: string }) {
  const styles = useStyles()
  const where = region ? regionDisplayName(region) : 'no region chosen yet'
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>
        {role === 'primary' ? `Server: ${where}` : `Geo-redundant backup, paired region: ${where}`}
      </legend>
      {region ? (
        <>
          <IdentityRow role={role} region={region} />
          <AutoUpdate role={role} />
          <KeyRow role={role} region={region} />
        </>
      ) : (
        <Text>Choose a region on the tab Basics: identity and key belong to it.</Text>
      )}
    </fieldset>
  )
}

function IdentityRow({ role, region }: { role: KeyRole; region: string }) {
  const styles = useStyles()
  const orientation = useOrientation()
  const { options } = useWizard()
  const { basics, encryption } = useWizardValues()
  const { value, choose, error, valid } = useField(`encryption.${role}.identityId`)
  const [open, setOpen] = useState(false)
  const identity = options.identities.find((i) => sameId(i.id, value))
  const parsed = parseResourceId(value)
  const other =
    role === 'geo' ? encryption.primary.identityId : basics.backup.geoRedundant ? encryption.geo.identityId : ''
  return (
    <div data-field={`encryption.${role}.identityId`}>
      <FieldWithInfo
        label="User assigned managed identity"
        required
        orientation={orientation}
        error={error}
        valid={valid}
        info="The server uses the key in this identity’s name. Only user-assigned identities can do that; each region needs one of its own."
      >
        <FieldGroup className={styles.row}>
          <Text>
            {identity?.name ?? parsed?.name ?? 'None selected'}
            {identity && <span className={styles.faint}>, {regionDisplayName(identity.location)}</span>}
          </Text>
          <Link as="button" type="button" onClick={() => setOpen(true)} aria-haspopup="dialog">
            Change identity
          </Link>
        </FieldGroup>
      </FieldWithInfo>
      {open && (
        <IdentityPane
          region={region}
          subscriptionId={basics.subscriptionId}
          resourceGroup={basics.resourceGroup}
          selected={value}
          taken={other || null}
          onClose={() => setOpen(false)}
          onSelect={(id) => {
            choose(id)
            setOpen(false)
          }}
        />
      )}
    </div>
  )
}

/** The checkbox and the identifier are one thing: what makes a key follow its versions is that none is named. */
function AutoUpdate({ role }: { role: KeyRole }) {
  const styles = useStyles()
  const hintId = useId()
  const { value: autoUpdate, choose } = useField<boolean>(`encryption.${role}.autoUpdate`)
  const { value: keyUri, choose: chooseUri } = useField(`encryption.${role}.keyUri`)
  const versions = useRef<Record<string, string>>({})
  const toggle = (on: boolean) => {
    choose(on)
    if (!keyUri) return
    const version = versionOf(keyUri)
    if (on && version) versions.current[withoutVersion(keyUri)] = version
    chooseUri(on ? withoutVersion(keyUri) : withVersion(keyUri, versions.current[withoutVersion(keyUri)]))
  }
  return (
    <UnderControl>
      <Checkbox
        label="Use automatic key version update (version-less key)"
        checked={autoUpdate}
        onChange={(_, data) => toggle(data.checked === true)}
        aria-describedby={hintId}
      />
      <span id={hintId} className={styles.hint}>
        {autoUpdate
          ? 'The key identifier names no version. When the key is rotated the server re-wraps its data key under the new version by itself.'
          : 'The key identifier names one version. Point the server to each new version before the old one expires, or it becomes Inaccessible.'}
      </span>
    </UnderControl>
  )
}

function KeyRow({ role, region }: { role: KeyRole; region: string }) {
  const styles = useStyles()
  const orientation = useOrientation()
  const { keyMethods, setKeyMethod } = useWizard()
  const { basics, encryption } = useWizardValues()
  const path = `encryption.${role}.keyUri` as const
  const { value, set, choose, onBlur, error, valid } = useField(path)
  const [open, setOpen] = useState(false)
  const method = keyMethods[role]
  const { autoUpdate } = encryption[role]
  const missesVersion = !autoUpdate && value !== '' && versionOf(value) === null
  const example = autoUpdate ? EXAMPLE_KEY_URI : `${EXAMPLE_KEY_URI}/{version}`
  return (
    <>
      <FieldWithInfo label="Key selection method" orientation={orientation}>
        <RadioGroup value={method} onChange={(_, data) => setKeyMethod(role, data.value as KeyMethod)}>
          <Radio value="select" label="Select a key" />
          <Radio value="enter" label="Enter key identifier" />
        </RadioGroup>
      </FieldWithInfo>
      <div data-field={path}>
        {method === 'select' ? (
          <FieldWithInfo
            label="Key"
            required
            orientation={orientation}
            error={error}
            valid={valid}
            info="RSA or RSA-HSM of 2048, 3072 or 4096 bits, in a key vault or Managed HSM of this region."
          >
            <FieldGroup className={styles.row}>
              {value ? <KeyIdentifier uri={value} copy={false} /> : <Text>No key selected</Text>}
              <Link as="button" type="button" onClick={() => setOpen(true)} aria-haspopup="dialog">
                {missesVersion ? 'Select a version' : 'Select a key'}
              </Link>
            </FieldGroup>
          </FieldWithInfo>
        ) : (
          <FieldWithInfo
            label="Key identifier"
            required
            orientation={orientation}
            error={error}
            valid={valid}
            hint={`For example ${example}`}
            info="For a key that you cannot list yourself: the server’s identity needs the rights, not you."
          >
            <Input
              value={value}
              onChange={(_, data) => set(data.value.trim())}
              onBlur={onBlur}
              autoComplete="off"
              spellCheck={false}
            />
          </FieldWithInfo>
        )}
      </div>
      {open && (
        <KeyPane
          region={region}
          subscriptionId={basics.subscriptionId}
          autoUpdate={autoUpdate}
          selected={value}
          onClose={() => setOpen(false)}
          onSelect={(uri) => {
            choose(uri)
            setOpen(false)
          }}
          onEnter={(begin) => {
            set(begin)
            setKeyMethod(role, 'enter')
            setOpen(false)
          }}
        />
      )}
    </>
  )
}
