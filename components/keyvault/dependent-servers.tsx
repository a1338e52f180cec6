'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Section } from '@/components/ui/section'
import { StateBadge } from '@/components/ui/state-badge'
import type { ServerState } from '@/server/postgres/model'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', rowGap: '6px' },
  item: { display: 'flex', columnGap: tokens.spacingHorizontalM, alignItems: 'center' },
  text: { margin: 0 },
})

/** Servers whose data keys are wrapped by keys in a store. */
export function DependentServers({ servers, noun }: { servers: { name: string; state: ServerState }[]; noun: string }) {
  const styles = useStyles()
  return (
    <Section title="Servers that depend on it">
      {servers.length === 0 ? (
        <p className={styles.text}>No server’s data key is wrapped by a key in this {noun}.</p>
      ) : (
        <ul className={styles.list}>
          {servers.map((server) => (
            <li key={server.name} className={styles.item}>
              <AppLink href={paths.server(server.name)}>{server.name}</AppLink>
              <StateBadge state={server.state} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}
