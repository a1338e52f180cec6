'use client'
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise'
import { BracesRegular } from '@fluentui/react-icons/svg/braces'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { Blade } from '@/components/ui/blade'
import { Command, CommandBar, CommandDivider, CommandLink } from '@/components/ui/command-bar'
import { Loaded } from '@/components/ui/loaded'
import { SectionNav } from '@/components/ui/section-nav'
import { StateBadge } from '@/components/ui/state-badge'
import type { ServerPage } from '@/server/queries/servers'
import { DeleteServer } from './delete-server'
import { JsonView } from './json-view'
import { LifecycleCommands } from './lifecycle-commands'
import { OperationBanner } from './operation-banner'
import { serverQuery } from './server-query'

/** What all pages of one server share: title, state, commands, sections, the operation at work. */
export function ServerFrame({ name, children }: { name: string; children: (page: ServerPage) => ReactNode }) {
  const query = useQuery(serverQuery(name))
  const [json, setJson] = useState(false)
  const server = query.data?.server
  return (
    <Blade
      title={name}
      subtitle="Azure Database for PostgreSQL flexible server, simulated"
      icon={KIND_ICONS.server}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'PostgreSQL servers', href: paths.servers() },
      ]}
      badge={server && <StateBadge state={server.state} />}
      commands={
        server && (
          <CommandBar>
            <LifecycleCommands server={server} />
            <DeleteServer server={server} />
            <Command icon={<ArrowClockwiseRegular />} onClick={() => void query.refetch()}>
              Refresh
            </Command>
            <CommandDivider />
            <CommandLink href={paths.access(server.id)}>Access control (IAM)</CommandLink>
            <CommandLink href={paths.locks(server.id)}>Locks</CommandLink>
            <CommandLink href={paths.activity({ resource: server.id })}>Activity log</CommandLink>
            <Command icon={<BracesRegular />} onClick={() => setJson(true)}>
              JSON view
            </Command>
          </CommandBar>
        )
      }
    >
      <SectionNav
        label={`Pages of ${name}`}
        sections={[
          { label: 'Overview', href: paths.server(name) },
          { label: 'Connect', href: paths.serverSection(name, 'connect') },
          { label: 'SQL console', href: paths.serverSection(name, 'console') },
          { label: 'What is sealed', href: paths.serverSection(name, 'sealed') },
          { label: 'Networking', href: paths.serverSection(name, 'networking') },
          { label: 'Compute + storage', href: paths.serverSection(name, 'compute') },
          { label: 'Server parameters', href: paths.serverSection(name, 'parameters') },
          { label: 'Backup and restore', href: paths.serverSection(name, 'backups') },
          { label: 'Data encryption', href: paths.serverDataEncryption(name) },
          { label: 'Resource health', href: paths.serverHealth(name) },
          { label: 'Metrics', href: paths.serverMetrics(name) },
        ]}
      />
      <Loaded query={query} label={`server ${name}`}>
        {(page) => (
          <>
            {page.operation && <OperationBanner operation={page.operation} />}
            {children(page)}
          </>
        )}
      </Loaded>
      {server && <JsonView open={json} onClose={() => setJson(false)} title={`JSON of ${name}`} value={server} />}
    </Blade>
  )
}
