'use client'
import { MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components'
import { StethoscopeRegular } from '@fluentui/react-icons/svg/stethoscope'
import { useQuery } from '@tanstack/react-query'
import { Countdown, RelativeTime } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { clockQuery } from '@/components/portal/shell-query'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { PermissionButton } from '@/components/ui/permission-button'
import { Panel, Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useAction } from '@/components/ui/use-action'
import { checkServerKeyAccess } from '@/server/actions/servers'
import type { KeyMemberView, KeyUseView, ServerView } from '@/server/postgres/contract'
import { CAUSES } from '@/server/postgres/model'
import type { ServerPage } from '@/server/queries/servers'
import { BrokenLink } from './broken-link'
import { KeyChain } from './key-chain'
import { KeyStatus } from './key-status'
import { MODES } from './servers-list'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL },
  sub: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
})

/** Everything that decides whether the server can open its data: key, identity, checks, and the chain between them. */
export function KeyCard({ page }: { page: ServerPage }) {
  const styles = useStyles()
  const { server, chain, broken } = page
  const { type, primary, geo } = server.encryption
  return (
    <Section title="Key" aside={<AppLink href={paths.serverDataEncryption(server.name)}>Data encryption</AppLink>}>
      <Panel>
        <div className={styles.root}>
          <Essentials items={[{ label: 'Mode', value: MODES[type] }, ...(primary ? keyFacts(type, primary) : [])]} />
          {geo && (
            <>
              <h3 className={styles.sub}>Key for geo-redundant backup</h3>
              <Essentials items={keyFacts(type, geo)} />
            </>
          )}
          {server.encryption.members.length > 1 && <Members server={server} />}
          <Checks server={server} />
          <KeyChain chain={chain} />
          {broken && <BrokenLink serverName={server.name} broken={broken} />}
        </div>
      </Panel>
    </Section>
  )
}

function keyFacts(type: ServerView['encryption']['type'], use: KeyUseView) {
  const wrapped = use.wrappedByKid ? <KeyIdentifier uri={use.wrappedByKid} /> : 'Nothing is wrapped yet'
  if (type === 'SystemManaged') {
    return [
      { label: 'Key', value: 'Made, kept and rotated by the service' },
      { label: 'Key status', value: <KeyStatus status={use.status} /> },
    ]
  }
  return [
    { label: 'Key status', value: <KeyStatus status={use.status} /> },
    {
      label: 'Identity',
      value: use.principalId ? (
        <AppLink href={paths.identity(use.principalId)}>{use.identityName}</AppLink>
      ) : (
        use.identityName
      ),
    },
    { label: 'Key identifier', value: <KeyIdentifier uri={use.keyUri} link /> },
    {
      label: 'Key version',
      value: use.autoUpdate ? 'Version-less: follows new versions by itself' : 'Pinned: stays until you change it',
    },
    { label: 'Wraps the data key now', value: wrapped },
  ]
}

const zoneText = (zone: string | null) => (zone ? ` (zone ${zone})` : '')

/** Everyone who needs a key: with a standby or a geo-redundant backup it is more than the server. */
function Members({ server }: { server: ServerView }) {
  const styles = useStyles()
  const { standby, encryption } = server
  return (
    <>
      <h3 className={styles.sub}>Who can open the data key</h3>
      <Essentials
        items={encryption.members.map((m) => ({
          label: `The ${m.member}${zoneText(m.zone)}`,
          value: <MemberStatus member={m} />,
        }))}
      />
      {standby?.keyAccess && !standby.keyAccess.accessible && (
        <MessageBar intent="warning">
          <MessageBarBody>
            The standby was refused <RelativeTime at={standby.keyAccess.since} />: {standby.keyAccess.message}{' '}
            {CAUSES[standby.keyAccess.cause].wayOut}
          </MessageBarBody>
        </MessageBar>
      )}
      {standby && (
        <SimulatedNote>
          no database runs on the standby. It holds the server’s wrapped data key and asks by the same identity, at
          times of its own. While it alone is refused the server stays Ready and its high availability is Degraded;
          while the server is refused nothing takes over, for the key is the same.
        </SimulatedNote>
      )}
    </>
  )
}

function MemberStatus({ member }: { member: KeyMemberView }) {
  const { status, checkedAt, nextCheckAt } = member
  return (
    <span>
      {status && <KeyStatus status={status} />} {checkedAt ? <RelativeTime at={checkedAt} /> : 'Not checked yet'}
      {nextCheckAt && (
        <>
          , next check <Countdown to={nextCheckAt} />
        </>
      )}
    </span>
  )
}

function Checks({ server }: { server: ServerView }) {
  const { checkedAt, nextCheckAt } = server.encryption
  const { data: clock } = useQuery(clockQuery)
  const { run, busy } = useAction(checkServerKeyAccess, {
    progress: `Checking the key access of ${server.name}`,
    success: (verdict) => (verdict.accessible ? `${server.name} can open its data key` : verdict.message),
    failure: `The key access of ${server.name} could not be checked`,
    invalidate: [['servers'], ['fleet']],
  })
  return (
    <>
      <Essentials
        items={[
          { label: 'Last check', value: checkedAt ? <RelativeTime at={checkedAt} /> : 'Not yet' },
          {
            label: 'Next check',
            value: nextCheckAt ? (
              <span>
                <Countdown to={nextCheckAt} />
                {clock?.clock.paused ? ' (the clock is paused)' : ''}
              </span>
            ) : (
              '-'
            ),
          },
        ]}
      />
      <div>
        <PermissionButton
          icon={<StethoscopeRegular />}
          permission={server.permissions.checkKeyAccess}
          disabledReason={busy ? 'The check is under way.' : null}
          onClick={() => void run({ serverId: server.id })}
        >
          Check now
        </PermissionButton>
      </div>
      <SimulatedNote>
        “Check now” is here for training. Azure has no such button: it checks on its own schedule and promises to notice
        within 60 minutes.
      </SimulatedNote>
    </>
  )
}
