import { Field, Input, makeStyles, tokens } from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import { changeServer } from '@/server/actions/servers'
import { administratorPassword, HOLDS_LOGIN, holdsLogin, type ServerView } from '@/server/postgres/contract'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, maxWidth: '420px' },
})

/** Gives the administrator another password, in the database and sealed beside it. */
export function PasswordForm({ server }: { server: ServerView }) {
  const styles = useStyles()
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const { run, busy } = useAction(changeServer, {
    progress: `Resetting the password of ${server.administratorLogin}`,
    success: `The password of ${server.administratorLogin} was reset`,
    failure: `The password of ${server.administratorLogin} was not reset`,
    invalidate: [['activity']],
  })
  const parsed = administratorPassword.safeParse(password)
  const fault = holdsLogin(password, server.administratorLogin) ? HOLDS_LOGIN : parsed.error?.issues[0]?.message
  const differs = again !== '' && again !== password ? 'The passwords differ.' : undefined
  const reason = busy ? 'The password is being reset.' : (fault ?? (again ? differs : 'Type the password twice.'))
  const permission = server.permissions.resetPassword
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (reason || !permission.allowed) return
    const result = await run({ serverId: server.id, password })
    if (!result.ok) return
    setPassword('')
    setAgain('')
  }
  return (
    <Section title="Administrator password">
      <form className={styles.form} onSubmit={submit}>
        <Field
          label={`New password of ${server.administratorLogin}`}
          validationState={password && fault ? 'error' : 'none'}
          validationMessage={password ? fault : undefined}
          hint="It is kept nowhere: a verifier is, sealed. Sessions that are open stay open."
        >
          <Input
            type="password"
            autoComplete="new-password"
            value={password}
            onChange={(_, data) => setPassword(data.value)}
          />
        </Field>
        <Field label="Confirm password" validationState={differs ? 'error' : 'none'} validationMessage={differs}>
          <Input
            type="password"
            autoComplete="new-password"
            value={again}
            onChange={(_, data) => setAgain(data.value)}
          />
        </Field>
        <div>
          <PermissionButton type="submit" permission={permission} disabledReason={permission.allowed ? reason : null}>
            Reset password
          </PermissionButton>
        </div>
      </form>
    </Section>
  )
}
