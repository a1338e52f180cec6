'use client'
import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from '@fluentui/react-components'
import { WrenchRegular } from '@fluentui/react-icons/svg/wrench'
import { useState } from 'react'
import { Instant, RelativeTime } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { ButtonLink } from '@/components/ui/button-link'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { Essentials } from '@/components/ui/essentials'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { repairServerKeyAccess } from '@/server/actions/servers'
import type { BrokenLink as Broken, RepairKind, RepairPage, RepairTarget } from '@/server/queries/key-case'
import type { ServerPage } from '@/server/queries/servers'
import { evidenceLabel, evidenceText, isInstant } from './evidence'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  text: { margin: 0 },
})

type Deed = { label: string; done: string; says: (target: RepairTarget) => string }

const who = ({ principalId }: RepairTarget) => `the server's identity (object id ${principalId})`
const keyOf = (t: RepairTarget) => `${t.keyName} in ${t.storeName}`

/** What each button does, in words, before it does it. */
const DEEDS: Record<RepairKind, Deed> = {
  restoreIdentity: {
    label: 'Restore the identity',
    done: 'The identity was restored',
    says: () => 'The deleted identity comes back with its old object id, so that its roles work again.',
  },
  recoverVault: {
    label: 'Recover the vault',
    done: 'The vault was recovered',
    says: (t) =>
      `The vault ${t.storeName} comes back with its keys. Its role assignments do not: afterwards the identity needs its role again.`,
  },
  allowTrustedServices: {
    label: 'Allow trusted services',
    done: 'Trusted services may bypass the firewall',
    says: (t) =>
      `The firewall of ${t.storeName} lets trusted Microsoft services through, of which this service is one. People are let in no more than before.`,
  },
  assignRole: {
    label: 'Assign the role',
    done: 'The role was assigned',
    says: (t) => `${capital(who(t))} may read, wrap and unwrap with the keys of ${t.storeName}.`,
  },
  grantPolicy: {
    label: 'Grant the access policy',
    done: 'The access policy was granted',
    says: (t) => `${capital(who(t))} gets get, list, wrapKey and unwrapKey on the keys of ${t.storeName}.`,
  },
  recoverKey: {
    label: 'Recover the key',
    done: 'The key was recovered',
    says: (t) => `The deleted key ${keyOf(t)} comes back with all its versions.`,
  },
  enableKey: {
    label: 'Enable the key version',
    done: 'The key version was enabled',
    says: (t) => `Version ${t.version} of the key ${keyOf(t)} works again, for everyone who may use it.`,
  },
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const PAGE_LABELS: Record<RepairPage, string> = {
  identity: 'Open the identity',
  store: 'Open the key store',
  networking: 'Open its networking',
  access: 'Open its access',
  key: 'Open the key',
  encryption: 'Change the data encryption',
}

function hrefOf(page: RepairPage, serverName: string, t: RepairTarget): string {
  const inVault = t.storeType === 'vault'
  switch (page) {
    case 'identity':
      return paths.identity(t.principalId ?? '')
    case 'store':
      return inVault ? paths.vault(t.storeName) : paths.hsm(t.storeName)
    case 'networking':
      return inVault ? paths.vaultSection(t.storeName, 'networking') : paths.hsm(t.storeName)
    case 'access':
      return inVault ? paths.vaultSection(t.storeName, 'access') : paths.hsmSection(t.storeName, 'roles')
    case 'key':
      return inVault ? paths.vaultKey(t.storeName, t.keyName) : paths.hsmKey(t.storeName, t.keyName)
    case 'encryption':
      return paths.serverDataEncryption(serverName)
  }
}

/** The message says the title again when it stands alone. */
const withoutTitle = ({ title, message }: Broken): string =>
  message.startsWith(`${title}: `) ? message.slice(title.length + 2) : message

/** Why the server lost its key: what was seen, and the way out with a button that leads there or goes it. */
export function BrokenLink({ serverName, broken }: { serverName: string; broken: NonNullable<ServerPage['broken']> }) {
  const styles = useStyles()
  return (
    <div className={styles.root}>
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>
            {broken.title}
            {broken.role === 'geo' ? ' (key for geo-redundant backup)' : ''}
          </MessageBarTitle>{' '}
          {withoutTitle(broken)} First seen <RelativeTime at={broken.since} />.
        </MessageBarBody>
      </MessageBar>
      <p className={styles.text}>
        <strong>Way out:</strong> {broken.wayOut}
      </p>
      <WayOut serverName={serverName} broken={broken} />
      <Evidence broken={broken} />
    </div>
  )
}

function WayOut({ serverName, broken }: { serverName: string; broken: NonNullable<ServerPage['broken']> }) {
  const styles = useStyles()
  const [asking, setAsking] = useState(false)
  const { page, repair, target } = broken
  const deed = repair && DEEDS[repair.kind]
  const { run, busy } = useAction(repairServerKeyAccess, {
    progress: deed ? `${deed.label} for ${serverName}` : '',
    success: deed ? `${deed.done}. The next check will find it.` : null,
    failure: deed ? `${deed.label}: refused` : '',
    invalidate: [['servers'], ['keys'], ['identity'], ['fleet']],
  })
  return (
    <div className={styles.buttons}>
      {repair && deed && (
        <PermissionButton
          appearance="primary"
          icon={<WrenchRegular />}
          permission={repair.permission}
          onClick={() => setAsking(true)}
        >
          {deed.label}
        </PermissionButton>
      )}
      {page && <ButtonLink href={hrefOf(page, serverName, target)}>{PAGE_LABELS[page]}</ButtonLink>}
      {deed && (
        <ConfirmDialog
          open={asking}
          onClose={() => setAsking(false)}
          title={deed.label}
          confirmLabel={deed.label}
          busy={busy}
          onConfirm={async () => {
            await run({ serverName })
            setAsking(false)
          }}
        >
          <p className={styles.text}>{deed.says(target)}</p>
          <p className={styles.text}>
            The server becomes Ready at its next successful check, within 60 minutes of the simulation’s clock.
          </p>
        </ConfirmDialog>
      )}
    </div>
  )
}

function Evidence({ broken }: { broken: Broken }) {
  return (
    <Essentials
      items={Object.entries(broken.evidence).map(([name, value]) => ({
        label: evidenceLabel(name),
        value: isInstant(value) ? <Instant at={value} seconds /> : evidenceText(value),
      }))}
    />
  )
}
