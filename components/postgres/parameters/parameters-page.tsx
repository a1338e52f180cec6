'use client'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '@/components/ui/loaded'
import { EmptyState } from '@/components/ui/states'
import type { ServerView } from '@/server/postgres/contract'
import { ServerFrame } from '../server/server-frame'
import { ParametersEditor } from './parameters-editor'
import { parametersQuery } from './parameters-query'

/** The settings of a server's PostgreSQL. */
export function ParametersPage({ name }: { name: string }) {
  return <ServerFrame name={name}>{({ server }) => <Parameters server={server} />}</ServerFrame>
}

function Parameters({ server }: { server: ServerView }) {
  const query = useQuery(parametersQuery(server))
  if (server.state !== 'Ready')
    return (
      <EmptyState
        title={`The server is ${server.state}`}
        text="Its parameters lie in its sealed database, which is open only while the server is Ready."
      />
    )
  return (
    <Loaded query={query} label="server parameters">
      {(parameters) => <ParametersEditor key={server.id} server={server} parameters={parameters} />}
    </Loaded>
  )
}
