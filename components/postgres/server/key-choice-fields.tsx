'use client'
import {
  Button,
  Checkbox,
  Input,
  Link,
  makeStyles,
  Radio,
  RadioGroup,
  Select,
  tokens,
} from '@fluentui/react-components'
import { useId, useRef, useState } from 'react'
import { FieldGroup } from '@/components/postgres/create/fields'
import { IdentityPane } from '@/components/postgres/create/identity-pane'
import { KeyPane } from '@/components/postgres/create/key-pane'
import { versionOf, withoutVersion, withVersion } from '@/components/postgres/create/key-uri'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { regionDisplayName } from '@/server/kernel/regions'
import { parseResourceId, sameId } from '@/server/kernel/resource-id'
import { EXAMPLE_KEY_URI, type KeyChoice } from '@/server/postgres/contract'
import type { AttachedIdentity } from '@/server/queries/servers'

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
    maxWidth: '860px',
  },
  legend: { fontWeight: tokens.fontWeightSemibold, padding: `0 ${tokens.spacingHorizontalXS}` },
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalS },
  grow: { flexGrow: 1, minWidth: '260px' },
  hint: {
    display: 'block',
    paddingLeft: '32px',
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
})

export type KeyChoiceFieldsProps = {
  legend: string
  value: KeyChoice
  onChange: (value: KeyChoice) => void
  /** Identities that are attached already; the others get attached by saving. */
  attached: AttachedIdentity[]
  /** Identity of the other key. */
  taken: string | null
  region: string
  subscriptionId: string
  resourceGroup: string
  faults: { identityId?: string; keyUri?: string }
  /** Why the key cannot be changed now; the identity can. */
  keyLocked: string | null
}

/** Identity and key of one region, as the Data encryption blade of an existing server asks for them. */
export function KeyChoiceFields(props: KeyChoiceFieldsProps) {
  const styles = useStyles()
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{props.legend}</legend>
      <IdentityField {...props} />
      <AutoUpdate {...props} />
      <KeyField {...props} />
    </fieldset>
  )
}

function IdentityField(props: KeyChoiceFieldsProps) {
  const styles = useStyles()
  const { value, attached, onChange } = props
  const [open, setOpen] = useState(false)
  const isNew = value.identityId !== '' && !attached.some((a) => sameId(a.id, value.identityId))
  const choose = (identityId: string) => onChange({ ...value, identityId })
  return (
    <>
      <div className={styles.row}>
        <div className={styles.grow}>
          <FieldWithInfo
            label="User assigned managed identity"
            required
            error={props.faults.identityId}
            info="The server uses the key in this identity’s name. The list holds the identities that are attached to the server."
            hint={isNew ? 'Not attached yet: saving attaches it.' : undefined}
          >
            <Select value={value.identityId} onChange={(_, data) => choose(data.value)}>
              {!value.identityId && <option value="">Choose an identity</option>}
              {attached.map((a) => (
                <option key={a.id} value={a.id}>
                  {a.name}
                  {a.identity ? '' : ' (deleted, or not for you to see)'}
                </option>
              ))}
              {isNew && <option value={value.identityId}>{parseResourceId(value.identityId)?.name}</option>}
            </Select>
          </FieldWithInfo>
        </div>
        <Button onClick={() => setOpen(true)} aria-haspopup="dialog">
          Select or create
        </Button>
      </div>
      {open && (
        <IdentityPane
          region={props.region}
          subscriptionId={props.subscriptionId}
          resourceGroup={props.resourceGroup}
          selected={value.identityId}
          taken={props.taken}
          onClose={() => setOpen(false)}
          onSelect={(id) => {
            choose(id)
            setOpen(false)
          }}
        />
      )}
    </>
  )
}

/** The checkbox and the identifier are one thing: what makes a key follow its versions is that none is named. */
function AutoUpdate({ value, onChange, keyLocked }: KeyChoiceFieldsProps) {
  const styles = useStyles()
  const hintId = useId()
  const versions = useRef<Record<string, string>>({})
  const toggle = (autoUpdate: boolean) => {
    const bare = withoutVersion(value.keyUri)
    const version = versionOf(value.keyUri)
    if (version) versions.current[bare] = version
    onChange({ ...value, autoUpdate, keyUri: autoUpdate ? bare : withVersion(value.keyUri, versions.current[bare]) })
  }
  return (
    <div>
      <Checkbox
        label="Use automatic key version update (version-less key)"
        checked={value.autoUpdate}
        disabled={keyLocked !== null}
        onChange={(_, data) => toggle(data.checked === true)}
        aria-describedby={hintId}
      />
      <span id={hintId} className={styles.hint}>
        {value.autoUpdate
          ? 'The key identifier names no version: when the key is rotated, the server re-wraps its data key under the new version by itself.'
          : 'The key identifier names one version: point the server to each new version before the old one expires.'}
      </span>
    </div>
  )
}

function KeyField(props: KeyChoiceFieldsProps) {
  const styles = useStyles()
  const { value, onChange, keyLocked } = props
  const [method, setMethod] = useState('enter')
  const [open, setOpen] = useState(false)
  const example = value.autoUpdate ? EXAMPLE_KEY_URI : `${EXAMPLE_KEY_URI}/{version}`
  const choose = (keyUri: string) => onChange({ ...value, keyUri })
  return (
    <>
      <FieldWithInfo
        label="Key selection method"
        hint="The picker lists what you yourself may read; an identifier works whether you may read the key or not."
      >
        <RadioGroup value={method} onChange={(_, data) => setMethod(data.value)} layout="horizontal">
          <Radio value="enter" label="Enter key identifier" />
          <Radio value="select" label="Select a key" disabled={keyLocked !== null} />
        </RadioGroup>
      </FieldWithInfo>
      {method === 'enter' ? (
        <FieldWithInfo
          label="Key identifier"
          required
          error={props.faults.keyUri}
          hint={keyLocked ?? `For example ${example}`}
        >
          <Input
            value={value.keyUri}
            readOnly={keyLocked !== null}
            onChange={(_, data) => choose(data.value.trim())}
            autoComplete="off"
            spellCheck={false}
          />
        </FieldWithInfo>
      ) : (
        <FieldWithInfo label="Key" required error={props.faults.keyUri}>
          <FieldGroup className={styles.row}>
            {value.keyUri ? <KeyIdentifier uri={value.keyUri} copy={false} /> : 'No key selected'}
            <Link as="button" type="button" onClick={() => setOpen(true)} aria-haspopup="dialog">
              {!value.autoUpdate && value.keyUri && !versionOf(value.keyUri) ? 'Select a version' : 'Select key'}
            </Link>
          </FieldGroup>
        </FieldWithInfo>
      )}
      {open && (
        <KeyPane
          region={props.region}
          subscriptionId={props.subscriptionId}
          autoUpdate={value.autoUpdate}
          selected={value.keyUri}
          onClose={() => setOpen(false)}
          onSelect={(uri) => {
            choose(uri)
            setOpen(false)
          }}
          onEnter={(begin) => {
            choose(begin)
            setMethod('enter')
            setOpen(false)
          }}
        />
      )}
    </>
  )
}

export const regionLegend = (what: string, region: string): string => `${what}: ${regionDisplayName(region)}`
