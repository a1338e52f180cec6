'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { ServerFrame } from '../server/server-frame'
import { PasswordForm } from './password-form'
import { ScaleForm } from './scale-form'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXXL, minWidth: 0 },
})

/** What can be changed of a server after its creation, its keys and networking aside. */
export function ScalePage({ name }: { name: string }) {
  const styles = useStyles()
  return (
    <ServerFrame name={name}>
      {({ server }) => (
        <div className={styles.root}>
          <ScaleForm key={`${server.sku} ${server.storageGiB} ${server.backupRetentionDays}`} server={server} />
          {server.properties.authentication.method !== 'EntraOnly' && <PasswordForm server={server} />}
        </div>
      )}
    </ServerFrame>
  )
}
