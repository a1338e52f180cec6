'use client'
import { Essentials } from '@/components/ui/essentials'
import { Panel, Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import type { ServerView } from '@/server/postgres/contract'

/** Where clients will connect. It promises nothing that this version does not have. */
export function ConnectCard({ server }: { server: ServerView }) {
  return (
    <Section title="Connect">
      <Panel>
        <Essentials
          items={[
            { label: 'Endpoint', value: server.fqdn, copy: server.fqdn },
            { label: 'Administrator login', value: server.administratorLogin || 'None: Microsoft Entra only' },
            { label: 'Public access', value: server.publicAccess ? 'Enabled' : 'Disabled' },
            { label: 'Firewall rules', value: String(server.firewallRules.length) },
          ]}
        />
        <SimulatedNote>
          The data plane is not part of this version yet: no database listens at this endpoint, and psql cannot connect.
          The server’s resource, its data key and the checks of its key access are real.
        </SimulatedNote>
      </Panel>
    </Section>
  )
}
