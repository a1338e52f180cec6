'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { ArrowUndoRegular } from '@fluentui/react-icons/svg/arrow-undo'
import { SaveCopyRegular } from '@fluentui/react-icons/svg/save-copy'
import { useQuery } from '@tanstack/react-query'
import { Countdown, Instant } from '@/components/portal/instant'
import { CommandBar } from '@/components/ui/command-bar'
import { Essentials } from '@/components/ui/essentials'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { Panel, Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useUrlState } from '@/components/ui/use-url-state'
import type { BackupsView } from '@/server/postgres/contract'
import type { ServerPage } from '@/server/queries/servers'
import { ServerFrame } from '../server/server-frame'
import { connectionQuery } from '../server/server-query'
import { BackUpDialog } from './back-up-dialog'
import { backupsQuery } from './backups-query'
import { BackupsTable } from './backups-table'
import { RestorePane } from './restore-pane'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXL, minWidth: 0 },
})

/** What is kept of a server, and how to bring it back. */
export function BackupsPage({ name }: { name: string }) {
  return <ServerFrame name={name}>{(page) => <Backups page={page} />}</ServerFrame>
}

function Backups({ page }: { page: ServerPage }) {
  const styles = useStyles()
  const { server } = page
  const query = useQuery(backupsQuery(server.name))
  const { data: connection } = useQuery(connectionQuery(server.name))
  const [params, change] = useUrlState()
  const backups = query.data?.backups ?? []
  const restorable = backups.filter((b) => b.status === 'Succeeded')
  const noDatabase =
    connection?.runtime.state === 'None'
      ? 'This server has no database in this installation: there is nothing to back up.'
      : null
  const running = backups.some((b) => b.status === 'Running') ? 'A backup is being taken.' : null
  return (
    <div className={styles.root}>
      <CommandBar label="Backup commands">
        <PermissionButton
          appearance="subtle"
          size="small"
          icon={<SaveCopyRegular />}
          permission={server.permissions.backUp}
          disabledReason={noDatabase ?? running}
          onClick={() => change({ take: 'now' })}
        >
          Back up now
        </PermissionButton>
        <PermissionButton
          appearance="subtle"
          size="small"
          icon={<ArrowUndoRegular />}
          permission={server.permissions.restore}
          disabledReason={restorable.length === 0 ? 'There is no backup to restore yet.' : null}
          onClick={() => change({ restore: restorable[0]?.name ?? null })}
        >
          Restore to a new server
        </PermissionButton>
      </CommandBar>
      <Loaded query={query} label="backups">
        {(view) => (
          <>
            <Facts view={view} />
            <Section title="Backups">
              <BackupsTable
                server={server}
                backups={view.backups}
                onRestore={(backup) => change({ restore: backup })}
              />
            </Section>
          </>
        )}
      </Loaded>
      <SimulatedNote>
        each backup is a full one, sealed as the server’s files are, and files that did not change share their place. A
        restore brings back the time of a backup: any point in time, and copies in the paired region, are not part of
        this version. The first automatic backup comes within half an hour of creation, then one a day. Deleting a
        server deletes its backups.
      </SimulatedNote>
      <BackUpDialog server={server} open={params.get('take') === 'now'} onClose={() => change({ take: null })} />
      {params.get('restore') && restorable.length > 0 && (
        <RestorePane
          page={page}
          backups={restorable}
          backupName={params.get('restore')!}
          onChoose={(restore) => change({ restore })}
          onClose={() => change({ restore: null })}
        />
      )}
    </div>
  )
}

function Facts({ view }: { view: BackupsView }) {
  return (
    <Panel>
      <Essentials
        items={[
          {
            label: 'Earliest restore point',
            value: view.earliestRestorePoint ? <Instant at={view.earliestRestorePoint} /> : 'None yet',
          },
          {
            label: 'Next automatic backup',
            value: view.nextAutomaticAt ? (
              <span>
                <Instant at={view.nextAutomaticAt} /> (<Countdown to={view.nextAutomaticAt} />)
              </span>
            ) : (
              'None planned'
            ),
          },
          { label: 'Backup retention period', value: `${view.retentionDays} days` },
          { label: 'Backup redundancy', value: 'This machine only' },
        ]}
      />
    </Panel>
  )
}
