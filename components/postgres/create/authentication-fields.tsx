'use client'
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Section } from '@/components/ui/section'
import { METHODS } from './authentication-labels'
import { FieldGroup, RadioField, TextField, useField, useOrientation } from './fields'
import { PrincipalPane } from './principal-pane'
import { useWizard } from './wizard-context'
import type { WizardValues } from './wizard-values'

type Method = WizardValues['basics']['authentication']['method']

export function AuthenticationFields({ passwordLost }: { passwordLost: boolean }) {
  const { value: method } = useField<Method>('basics.authentication.method')
  return (
    <Section title="Authentication">
      <RadioField
        path="basics.authentication.method"
        label="Authentication method"
        required
        info="How people and applications prove who they are to the database. It can be changed later."
        options={METHODS}
      />
      {method !== 'PasswordOnly' && <EntraAdministrator />}
      {method !== 'EntraOnly' && (
        <>
          <TextField
            path="basics.authentication.administratorLogin"
            label="Administrator login"
            required
            info="The first role of the server. Its name cannot be changed later."
          />
          <TextField
            path="basics.authentication.password"
            label="Password"
            type="password"
            required
            autoComplete="new-password"
            info="8 to 128 characters, of three kinds: upper-case letters, lower-case letters, digits, others. It cannot contain the login."
            hint={passwordLost ? 'Passwords are never kept in a link: type it again.' : undefined}
          />
          <TextField
            path="confirmPassword"
            label="Confirm password"
            type="password"
            required
            autoComplete="new-password"
          />
        </>
      )}
    </Section>
  )
}

const useStyles = makeStyles({
  row: {
    display: 'flex',
    minHeight: '32px',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    flexWrap: 'wrap',
  },
})

function EntraAdministrator() {
  const styles = useStyles()
  const { options } = useWizard()
  const orientation = useOrientation()
  const [choosing, setChoosing] = useState(false)
  const { value, choose, error, valid } = useField<string | null>('basics.authentication.entraAdministrator')
  const chosen = options.directory.find((entry) => entry.objectId === value)
  return (
    <div data-field="basics.authentication.entraAdministrator">
      <FieldWithInfo
        label="Microsoft Entra administrator"
        required
        orientation={orientation}
        error={error}
        valid={valid}
        info="A user, group or service principal of this tenant that becomes administrator of the server."
      >
        <FieldGroup className={styles.row}>
          <Text>{chosen ? `${chosen.displayName} (${chosen.detail || chosen.objectId})` : value || 'Not set'}</Text>
          <Button size="small" onClick={() => setChoosing(true)}>
            {value ? 'Change admin' : 'Set admin'}
          </Button>
        </FieldGroup>
      </FieldWithInfo>
      {choosing && (
        <PrincipalPane
          selected={value}
          onClose={() => setChoosing(false)}
          onSelect={(objectId) => {
            choose(objectId)
            setChoosing(false)
          }}
        />
      )}
    </div>
  )
}
