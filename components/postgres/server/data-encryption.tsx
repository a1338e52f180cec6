'use client'
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { Section } from '@/components/ui/section'
import type { EncryptionType } from '@/server/postgres/model'
import type { ServerPage } from '@/server/queries/servers'
import { BrokenLink } from './broken-link'
import { EncryptionForm } from './encryption-form'
import { EnvelopeCard } from './envelope-card'
import { KeyChain } from './key-chain'
import { ServerFrame } from './server-frame'
import { MODES } from './servers-list'

/** The Data encryption blade of an existing server. */
export function DataEncryption({ name }: { name: string }) {
  return <ServerFrame name={name}>{(page) => <Blade page={page} />}</ServerFrame>
}

function Blade({ page }: { page: ServerPage }) {
  const { server, chain, broken } = page
  const { type, primary, geo } = server.encryption
  return (
    <>
      <Mode name={server.name} type={type} />
      {broken && (
        <Section
          title="Access to the key"
          aside={<AppLink href={paths.fleet({ view: 'chain', server: server.name })}>Key chain</AppLink>}
        >
          <KeyChain chain={chain} />
          <BrokenLink serverName={server.name} broken={broken} />
        </Section>
      )}
      {type === 'AzureKeyVault' && (
        <Section title="Customer-managed key">
          <EncryptionForm page={page} />
        </Section>
      )}
      {primary && <EnvelopeCard title={geo ? 'Envelope of the server' : 'Envelope'} use={primary} />}
      {geo && <EnvelopeCard title="Envelope of the geo-redundant backup" use={geo} />}
    </>
  )
}

function Mode({ name, type }: { name: string; type: EncryptionType }) {
  const other = MODES[type === 'AzureKeyVault' ? 'SystemManaged' : 'AzureKeyVault'].toLowerCase()
  return (
    <Section title="Mode">
      <Essentials items={[{ label: 'Data encryption key', value: MODES[type] }]} />
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>The mode is chosen at creation and stays for the server’s life.</MessageBarTitle> The only
          way to a {other} is to restore this server to a new one with other encryption settings.
          {type === 'SystemManaged' && ' On a server with a service-managed key there is nothing to change here.'}{' '}
          <AppLink inline href={paths.serverSection(name, 'backups')}>
            Backup and restore
          </AppLink>
        </MessageBarBody>
      </MessageBar>
    </Section>
  )
}
