'use client'
import { MessageBar, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import type { ConnectionView, ServerView } from '@/server/postgres/contract'
import { reachOf } from './reachable'

/** Says whether a client would get in now, and where to mend it when not. */
export function ReachBar({ server, connection }: { server: ServerView; connection: ConnectionView }) {
  const reach = reachOf(server, connection)
  return (
    <MessageBar intent={reach.intent} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{reach.title}</MessageBarTitle>
        {reach.text}{' '}
        {reach.place === 'networking' && (
          <AppLink href={paths.serverSection(server.name, 'networking')} inline>
            Networking
          </AppLink>
        )}
        {reach.place === 'encryption' && (
          <AppLink href={paths.server(server.name)} inline>
            What is broken
          </AppLink>
        )}
      </MessageBarBody>
    </MessageBar>
  )
}
