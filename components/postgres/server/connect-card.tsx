'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { Panel, Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import type { ConnectionView, ServerView } from '@/server/postgres/contract'
import { ReachBar } from '../connect/reach-bar'
import { connectionQuery } from './server-query'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
  list: { margin: 0, paddingLeft: '20px' },
})

/** Where clients connect, whether they would get in now, and what the engine behind it cannot do. */
export function ConnectCard({ server }: { server: ServerView }) {
  const styles = useStyles()
  const { data: connection } = useQuery(connectionQuery(server.name))
  return (
    <Section
      title="Connect"
      aside={<AppLink href={paths.serverSection(server.name, 'connect')}>How to connect</AppLink>}
    >
      <Panel>
        <div className={styles.root}>
          <Essentials
            items={[
              { label: 'Endpoint', value: server.fqdn, copy: server.fqdn },
              { label: 'Administrator login', value: server.administratorLogin || 'None: Microsoft Entra only' },
              { label: 'Public access', value: server.publicAccess ? 'Enabled' : 'Disabled' },
              { label: 'Firewall rules', value: String(server.firewallRules.length) },
            ]}
          />
          {connection && <ReachBar server={server} connection={connection} />}
          {connection && <Limits server={server} connection={connection} />}
        </div>
      </Panel>
    </Section>
  )
}

function Limits({ server, connection }: { server: ServerView; connection: ConnectionView }) {
  const styles = useStyles()
  const { installation } = connection
  const version = installation.versions.find((v) => v.version === server.version)
  return (
    <SimulatedNote>
      the database is a real PostgreSQL {installation.engineVersion} on this machine, on sealed storage. What it cannot
      do:
      <ul className={styles.list}>
        {version?.reason && (
          <li>
            Run version {server.version}: {version.reason}
          </li>
        )}
        <li>{installation.entraSignIn.reason}</li>
        <li>Extensions that need software beside PostgreSQL’s own, programs started by COPY, and archive commands.</li>
        <li>
          Standby servers, replicas, copies of backups in the paired region and virtual networks: their settings are
          kept, and nothing stands behind them but a standby’s own check of the key.
        </li>
        <li>Own its processors, memory and disk: it shares those of this machine with every other server.</li>
      </ul>
    </SimulatedNote>
  )
}
