'use client'
import { Button } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { paths } from '@/components/portal/paths'
import { BrokenLink } from '@/components/postgres/server/broken-link'
import { serverQuery } from '@/components/postgres/server/server-query'
import { ButtonLink } from '@/components/ui/button-link'
import { Loaded } from '@/components/ui/loaded'
import { Pane } from '@/components/ui/pane'

/** Why a server is Inaccessible: what the last check saw, and the button that mends it. */
export function BrokenKeyPane({ server, onClose }: { server: string | null; onClose: () => void }) {
  return (
    <Pane
      open={server !== null}
      onClose={onClose}
      title={`Why ${server} has no access to its key`}
      footer={
        server && (
          <>
            <ButtonLink href={paths.fleet({ view: 'chain', server })}>Key chain</ButtonLink>
            <ButtonLink href={paths.serverDataEncryption(server)}>Data encryption</ButtonLink>
            <Button onClick={onClose}>Close</Button>
          </>
        )
      }
    >
      {server && <Why server={server} />}
    </Pane>
  )
}

function Why({ server }: { server: string }) {
  const query = useQuery(serverQuery(server))
  return (
    <Loaded query={query} label={server}>
      {({ broken }) =>
        broken ? <BrokenLink serverName={server} broken={broken} /> : <p>Its key can be used again.</p>
      }
    </Loaded>
  )
}
