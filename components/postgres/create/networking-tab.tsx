'use client'
import { Button } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { useTickingNow } from '@/components/portal/use-ticking-now'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { EditableGrid } from './editable-grid'
import { CheckField, RadioField, TextField } from './fields'
import { useWizard, useWizardValues } from './wizard-context'
import { EMPTY_RULE, type WizardValues } from './wizard-values'

export const CONNECTIVITY_LABELS: Record<WizardValues['networking']['connectivity'], string> = {
  Public: 'Public access (allowed IP addresses) and Private endpoint',
  Private: 'Private access (VNET Integration)',
}

export function NetworkingTab() {
  const { networking } = useWizardValues()
  return (
    <>
      <Section title="Network connectivity">
        <RadioField
          path="networking.connectivity"
          label="Connectivity method"
          required
          info="By which way clients reach the server. It cannot be changed later."
          options={Object.entries(CONNECTIVITY_LABELS).map(([value, label]) => ({ value, label }))}
        />
      </Section>
      {networking.connectivity === 'Public' ? <PublicAccess open={networking.publicAccess} /> : <PrivateAccess />}
    </>
  )
}

function PublicAccess({ open }: { open: boolean }) {
  return (
    <>
      <Section title="Public access">
        <CheckField
          path="networking.publicAccess"
          label="Allow public access to this resource through the internet using a public IP address"
          hint={open ? undefined : 'Without it no client reaches the server until it has a private endpoint.'}
        />
      </Section>
      {open && (
        <Section title="Firewall rules">
          <CheckField
            path="networking.allowAzureServices"
            label="Allow public access from any Azure service within Azure to this server"
            hint="Lets every customer’s services in, not just yours. It is kept as a rule from 0.0.0.0 to 0.0.0.0."
          />
          <FirewallRules />
        </Section>
      )}
      <Section title="Private endpoint">
        <SimulatedNote>
          servers have no private endpoints here. Clients reach them at this machine’s PostgreSQL port, and the firewall
          rules decide about each connection, also about one from this machine.
        </SimulatedNote>
      </Section>
    </>
  )
}

/** The loopback address in its IPv6 form means the same machine. */
const asIpv4 = (address: string): string | null => {
  if (address === '::1') return '127.0.0.1'
  return address.includes(':') ? null : address
}

function FirewallRules() {
  const { options } = useWizard()
  const stamp = new Date(useTickingNow()).toISOString().slice(0, 19).replaceAll(':', '-').replace('T', '_')
  const address = asIpv4(options.clientAddress)
  return (
    <EditableGrid
      name="networking.firewallRules"
      label="Firewall rules"
      noun="rule"
      none="No rules: no client is let in yet."
      columns={[
        { key: 'name', label: 'Firewall rule name' },
        { key: 'startIp', label: 'Start IP address', placeholder: '203.0.113.0' },
        { key: 'endIp', label: 'End IP address', placeholder: '203.0.113.255' },
      ]}
      tools={(append) => (
        <>
          <PermissionButton
            appearance="subtle"
            icon={<AddRegular />}
            disabledReason={
              address
                ? null
                : `You come from ${options.clientAddress}, an IPv6 address; firewall rules take IPv4 addresses only.`
            }
            onClick={() => append({ name: `ClientIPAddress_${stamp}`, startIp: address!, endIp: address! })}
          >
            Add current client IP address ( {address ?? options.clientAddress} )
          </PermissionButton>
          <Button
            appearance="subtle"
            icon={<AddRegular />}
            onClick={() => append({ name: `AllowAll_${stamp}`, startIp: '0.0.0.0', endIp: '255.255.255.255' })}
          >
            Add 0.0.0.0 - 255.255.255.255
          </Button>
          <Button appearance="subtle" icon={<AddRegular />} onClick={() => append(EMPTY_RULE)}>
            Add a rule
          </Button>
        </>
      )}
    />
  )
}

function PrivateAccess() {
  return (
    <Section title="Virtual network">
      <SimulatedNote>
        there are no virtual networks here. What you enter is stored, shown with the server and written to the template,
        and the server takes no connection at all: choose public access to connect to it.
      </SimulatedNote>
      <TextField path="networking.virtualNetwork" label="Virtual network" required placeholder="vnet-data" />
      <TextField
        path="networking.subnet"
        label="Subnet"
        required
        placeholder="snet-postgres"
        info="It must be delegated to Microsoft.DBforPostgreSQL/flexibleServers and hold nothing else."
      />
      <TextField
        path="networking.privateDnsZone"
        label="Private DNS zone"
        placeholder="orders.private.postgres.database.azure.com"
        info="Resolves the server’s name within the network. It can be changed later."
      />
    </Section>
  )
}
