'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { Essentials } from '@/components/ui/essentials'
import { Panel, Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import type { ServerView } from '@/server/postgres/contract'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
})

/** Where clients will connect. It promises nothing that this version does not have. */
export function ConnectCard({ server }: { server: ServerView }) {
  const styles = useStyles()
  return (
    <Section title="Connect">
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
          <SimulatedNote>
            The data plane is not part of this version yet: no database listens at this endpoint, and psql cannot
            connect. The server’s resource, its data key and the checks of its key access are real.
          </SimulatedNote>
        </div>
      </Panel>
    </Section>
  )
}
