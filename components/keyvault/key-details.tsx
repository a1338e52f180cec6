'use client'
import { Link as FluentLink, makeStyles, tokens } from '@fluentui/react-components'
import { Instant, RelativeTime } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { StateBadge } from '@/components/ui/state-badge'
import { EmptyState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import type { KeyVersionView, KeyView } from '@/server/keys/contract'
import type { RewrapBatchView } from '@/server/postgres/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import type { KeyPage, KeyUser } from '@/server/queries/keys'
import { keyKind } from './key-status'
import { KeyStatusBadge } from './key-status-badge'
import { describePolicy } from './rotation-draft'
import { VersionPane } from './version-pane'

const useStyles = makeStyles({
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, textAlign: 'left' },
})

export function KeyDetails({ store, page, keyView }: { store: StoreRef; page: KeyPage; keyView: KeyView }) {
  const [params, change] = useUrlState()
  const shown = keyView.versions.find((v) => v.version === params.get('version')) ?? null
  return (
    <>
      <Section title="Essentials">
        <Essentials
          items={[
            { label: 'Key type', value: keyKind(keyView) },
            { label: 'Versions', value: keyView.versions.length },
            { label: 'Current identifier', value: <KeyIdentifier uri={keyView.uri} /> },
            { label: 'Without version', value: <KeyIdentifier uri={keyView.versionlessUri} /> },
            {
              label: 'Rotation policy',
              value: page.permissions.setRotationPolicy.allowed
                ? describePolicy(page.rotationPolicy)
                : keyView.autoRotate
                  ? 'Rotates automatically'
                  : 'Not configured, or not for you to see',
            },
            {
              label: 'Next rotation',
              value: keyView.nextRotationAt && (
                <span>
                  <Instant at={keyView.nextRotationAt} /> (<RelativeTime at={keyView.nextRotationAt} />)
                </span>
              ),
            },
          ]}
        />
      </Section>
      <Users users={page.users} currentVersion={keyView.currentVersion} onShow={(version) => change({ version })} />
      {page.rewraps.length > 0 && <Rewraps rewraps={page.rewraps} onShow={(version) => change({ version })} />}
      <Versions page={page} keyView={keyView} onShow={(version) => change({ version })} />
      {shown && (
        <VersionPane
          key={`${shown.version} ${shown.updatedAt}`}
          store={store}
          name={keyView.name}
          version={shown}
          users={page.users.filter((u) => u.version === shown.version)}
          permission={page.permissions.update}
          onClose={() => change({ version: null })}
        />
      )}
    </>
  )
}

const versionOf = (kid: string): string => kid.split('/').at(-1) ?? kid

/** Each newer version as the servers that follow it took it up: their data keys were wrapped anew, their data was not touched. */
function Rewraps({ rewraps, onShow }: { rewraps: RewrapBatchView[]; onShow: (version: string) => void }) {
  const columns: TableColumn<RewrapBatchView>[] = [
    { id: 'to', label: 'Version', render: (b) => <VersionLink version={versionOf(b.toKid)} onShow={onShow} /> },
    { id: 'status', label: 'Status', render: (b) => b.status },
    { id: 'done', label: 'Data keys wrapped anew', render: (b) => b.succeeded },
    { id: 'failed', label: 'Failed', render: (b) => (b.failed ? `${b.failed}: ${b.failures[0]?.message ?? ''}` : 0) },
    { id: 'started', label: 'Begun', sortValue: (b) => b.startedAt, render: (b) => <Instant at={b.startedAt} /> },
    { id: 'ended', label: 'Ended', render: (b) => (b.endedAt ? <Instant at={b.endedAt} /> : '-') },
  ]
  return (
    <Section title="Versions taken up by servers">
      <ResourceTable
        label="versions taken up"
        urlPrefix="w."
        rows={rewraps}
        rowId={(b) => b.id}
        columns={columns}
        empty={null}
      />
    </Section>
  )
}

function VersionLink({ version, onShow }: { version: string; onShow: (version: string) => void }) {
  const styles = useStyles()
  return (
    <FluentLink as="button" className={styles.mono} onClick={() => onShow(version)}>
      {version}
    </FluentLink>
  )
}

function Users(props: { users: KeyUser[]; currentVersion: string; onShow: (version: string) => void }) {
  const columns: TableColumn<KeyUser>[] = [
    {
      id: 'server',
      label: 'Server',
      sortValue: (u) => u.server,
      render: (u) => <AppLink href={paths.server(u.server)}>{u.server}</AppLink>,
    },
    { id: 'state', label: 'Status', sortValue: (u) => u.state, render: (u) => <StateBadge state={u.state} /> },
    {
      id: 'use',
      label: 'Used for',
      render: (u) => (u.keyRole === 'geo' ? 'Geo-redundant backup' : 'The server'),
    },
    {
      id: 'follows',
      label: 'Version',
      render: (u) => (u.autoUpdate ? 'Follows new versions' : 'Pinned'),
    },
    {
      id: 'wraps',
      label: 'Its data key is wrapped by',
      render: (u) =>
        u.version ? (
          <>
            <VersionLink version={u.version} onShow={props.onShow} />
            {u.version !== props.currentVersion && ' (not the current version)'}
          </>
        ) : (
          'Nothing yet'
        ),
    },
  ]
  return (
    <Section title="Who needs this key">
      <ResourceTable
        label="servers that need this key"
        urlPrefix="u."
        rows={props.users}
        rowId={(u) => `${u.server} ${u.keyRole}`}
        columns={columns}
        defaultSort={{ column: 'server' }}
        empty={<EmptyState title="No server" text="No server’s data key is wrapped by this key." />}
      />
    </Section>
  )
}

function Versions(props: { page: KeyPage; keyView: KeyView; onShow: (version: string) => void }) {
  const usersOf = (v: KeyVersionView) => props.page.users.filter((u) => u.version === v.version)
  const columns: TableColumn<KeyVersionView>[] = [
    {
      id: 'version',
      label: 'Version',
      render: (v) => (
        <>
          <VersionLink version={v.version} onShow={props.onShow} />
          {v.current && ' (current)'}
        </>
      ),
    },
    { id: 'status', label: 'Status', render: (v) => <KeyStatusBadge version={v} /> },
    { id: 'created', label: 'Created', sortValue: (v) => v.createdAt, render: (v) => <Instant at={v.createdAt} /> },
    {
      id: 'active',
      label: 'Activation date',
      lowPriority: true,
      sortValue: (v) => v.notBefore,
      render: (v) => (v.notBefore ? <Instant at={v.notBefore} /> : 'None'),
    },
    {
      id: 'expires',
      label: 'Expiration date',
      sortValue: (v) => v.expires,
      render: (v) => (v.expires ? <Instant at={v.expires} /> : 'None'),
    },
    {
      id: 'users',
      label: 'Servers',
      sortValue: (v) => usersOf(v).length,
      render: (v) => usersOf(v).length,
    },
  ]
  return (
    <Section title="Versions">
      <ResourceTable
        label="versions"
        urlPrefix="v."
        rows={props.keyView.versions}
        rowId={(v) => v.version}
        columns={columns}
        empty={null}
      />
    </Section>
  )
}
