'use client'
import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, Spinner } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { errorText } from '@/components/portal/api'
import { Instant } from '@/components/portal/instant'
import { ConfirmDialog, type ConfirmDialogProps } from '@/components/ui/confirm-dialog'
import { StateBadge } from '@/components/ui/state-badge'
import type { DependentBackups } from '@/server/postgres/contract'
import type { AffectedServer, ImpactQuestion } from '@/server/queries/impact'
import { backupsTitle, impactTitle } from './impact-text'
import { impactQuery } from './keyvault-query'

const useStyles = makeStyles({ list: { margin: 0, paddingLeft: '20px' } })

export type ImpactProps = {
  question: ImpactQuestion
  /** When the change starts to work, if not at once: an expiry date. */
  from?: string | null
  /** There is no way back from the change: not for the key, and so not for the data. */
  forGood?: boolean
}

/** Which servers lose access to their key by a change, and by when. */
export function Impact({ question, from, forGood }: ImpactProps) {
  const { data, error } = useQuery(impactQuery(question))
  if (error)
    return <MessageBar intent="warning">Which servers this affects could not be found: {errorText(error)}</MessageBar>
  if (!data) return <Spinner size="tiny" label="Looking for servers that depend on this" labelPosition="after" />
  const { servers, by, backups } = data
  return (
    <>
      {servers.length > 0 ? (
        <Servers servers={servers} by={by} from={from} forGood={forGood} />
      ) : (
        <MessageBar intent="success">
          <MessageBarBody>No server loses access to its key by this.</MessageBarBody>
        </MessageBar>
      )}
      {backups.length > 0 && <Backups backups={backups} />}
    </>
  )
}

/** Restores that would be refused: a backup keeps the envelope with which it was taken. */
function Backups({ backups }: { backups: DependentBackups[] }) {
  const styles = useStyles()
  return (
    <MessageBar intent="warning" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{backupsTitle(backups.reduce((n, b) => n + b.backups, 0))}</MessageBarTitle> A backup keeps the
        envelope with which it was taken, and needs that key version until its retention ends:
        <ul className={styles.list}>
          {backups.map(({ serverName, backups: n, newestAt }) => (
            <li key={serverName}>
              <strong>{serverName}</strong>: {n}, the newest of <Instant at={newestAt} />
            </li>
          ))}
        </ul>
      </MessageBarBody>
    </MessageBar>
  )
}

function Servers(props: { servers: AffectedServer[]; by: string; from?: string | null; forGood?: boolean }) {
  const { servers, by, from, forGood } = props
  const styles = useStyles()
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{impactTitle(servers.length)}</MessageBarTitle>{' '}
        {from ? (
          <>
            within 60 minutes after <Instant at={from} />:
          </>
        ) : (
          <>
            by <Instant at={by} /> (within 60 minutes of the simulation’s clock):
          </>
        )}
        <ul className={styles.list}>
          {servers.map((server) => (
            <li key={`${server.name} ${server.keyRole}`}>
              <Affected server={server} />
            </li>
          ))}
        </ul>
        {forGood
          ? 'Their data can never be opened again, nor can backups that this key wraps.'
          : 'Every connection to them is refused until the key works again.'}
      </MessageBarBody>
    </MessageBar>
  )
}

function Affected({ server }: { server: AffectedServer }) {
  return (
    <>
      <strong>{server.name}</strong>
      {server.keyRole === 'geo' && ' (key for geo-redundant backup)'}
      {server.state !== 'Ready' && (
        <>
          , now <StateBadge state={server.state} />
        </>
      )}
    </>
  )
}

export type ImpactDialogProps = Omit<ConfirmDialogProps, 'children' | 'danger'> & {
  /** Null when the change cannot cost any server its key. */
  question: ImpactQuestion | null
  from?: string | null
  forGood?: boolean
  children?: ReactNode
}

/** Asks before a change, and says first whom it hits. */
export function ImpactDialog({ question, from, forGood, children, ...dialog }: ImpactDialogProps) {
  return (
    <ConfirmDialog {...dialog} danger={question !== null}>
      {children}
      {question && dialog.open && <Impact question={question} from={from} forGood={forGood} />}
    </ConfirmDialog>
  )
}
