'use client'
import { Button, makeStyles, Tab, TabList, tokens } from '@fluentui/react-components'
import { ArrowDownloadRegular } from '@fluentui/react-icons/svg/arrow-download'
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { CodeBlock } from '@/components/ui/code-block'
import { Essentials } from '@/components/ui/essentials'
import { Loaded } from '@/components/ui/loaded'
import { Panel, Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useUrlState } from '@/components/ui/use-url-state'
import type { ConnectionView, ServerView } from '@/server/postgres/contract'
import { ServerFrame } from '../server/server-frame'
import { connectionQuery } from '../server/server-query'
import { ReachBar } from './reach-bar'
import { snippetsFor } from './snippets'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, minWidth: 0 },
  tabs: { flexWrap: 'wrap' },
  note: { margin: 0, color: tokens.colorNeutralForeground3 },
  text: { margin: 0, maxWidth: '80ch' },
})

/** How clients of every kind reach the server's database, ready to copy. */
export function ConnectPage({ name }: { name: string }) {
  const styles = useStyles()
  const query = useQuery(connectionQuery(name))
  return (
    <ServerFrame name={name}>
      {({ server }) => (
        <Loaded query={query} label={`connection of ${name}`}>
          {(connection) => (
            <div className={styles.root}>
              <ReachBar server={server} connection={connection} />
              <Facts connection={connection} server={server} />
              {connection.port !== null && <Snippets connection={connection} port={connection.port} />}
              <Names connection={connection} />
            </div>
          )}
        </Loaded>
      )}
    </ServerFrame>
  )
}

function Facts({ connection, server }: { connection: ConnectionView; server: ServerView }) {
  const { host, hostAddress, port, user, caFile } = connection
  return (
    <Section title="Endpoint">
      <Panel>
        <Essentials
          items={[
            { label: 'Host', value: host, copy: host },
            { label: 'Address', value: hostAddress, copy: hostAddress },
            { label: 'Port', value: port, copy: port === null ? undefined : String(port) },
            { label: 'Administrator login', value: user || 'None: Microsoft Entra only', copy: user || undefined },
            { label: 'TLS', value: 'Required; the certificate is of this installation’s own authority' },
            { label: 'Authority’s certificate', value: caFile, copy: caFile },
            { label: 'PostgreSQL version', value: server.version },
          ]}
        />
      </Panel>
    </Section>
  )
}

function Snippets({ connection, port }: { connection: ConnectionView; port: number }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const database = params.get('database') || 'postgres'
  const snippets = snippetsFor({ ...connection, user: connection.user || 'USER', port, database })
  const chosen = snippets.find((s) => s.id === params.get('client')) ?? snippets[0]!
  const panel = useId()
  return (
    <Section
      title="Clients"
      aside={
        <Button
          as="a"
          appearance="subtle"
          size="small"
          icon={<ArrowDownloadRegular />}
          href="/api/portal/certificate"
          download="portcullis-ca.pem"
        >
          Download the authority’s certificate
        </Button>
      }
    >
      <TabList
        className={styles.tabs}
        selectedValue={chosen.id}
        onTabSelect={(_, data) => change({ client: String(data.value) })}
      >
        {snippets.map((s) => (
          <Tab key={s.id} value={s.id} aria-controls={panel}>
            {s.label}
          </Tab>
        ))}
      </TabList>
      <div className={styles.root} id={panel} role="tabpanel" aria-label={chosen.label}>
        <CodeBlock text={chosen.text} label={`${chosen.label} snippet`} />
        <p className={styles.note}>
          {chosen.language}. The password is in none of these texts: libraries read it from the variable PGPASSWORD.{' '}
          {chosen.note}
        </p>
      </div>
    </Section>
  )
}

function Names({ connection: { host, hostAddress } }: { connection: ConnectionView }) {
  const styles = useStyles()
  return (
    <Section title="When the name does not resolve">
      <p className={styles.text}>
        Names below <code>localhost</code> mean this machine, and browsers, macOS and systems with systemd-resolved know
        it. Elsewhere give the address beside the name, as the snippets for psql, URI, Node.js, Python and Go do: the
        name still chooses the server and is what the certificate is checked against. For clients without such a setting
        add this line to the file <code>/etc/hosts</code>:
      </p>
      <CodeBlock text={`${hostAddress} ${host}`} label="line for the hosts file" />
      <SimulatedNote>
        One port serves all servers; the name that the client asks for in TLS (SNI) chooses one. Clients without SNI add{' '}
        <code>options=-c server={host.split('.')[0]}</code> or log in as <code>user@{host.split('.')[0]}</code>.
      </SimulatedNote>
    </Section>
  )
}
