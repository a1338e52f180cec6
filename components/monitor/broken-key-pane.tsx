'use client'
import { Button, MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from '@fluentui/react-components'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { ButtonLink } from '@/components/ui/button-link'
import { Essentials } from '@/components/ui/essentials'
import { Pane } from '@/components/ui/pane'
import type { FleetServerView } from '@/server/monitor/contract'

const useStyles = makeStyles({
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  text: { margin: 0 },
})

/** Why a server is Inaccessible: what the last check saw, and what would mend it. */
export function BrokenKeyPane({ server, onClose }: { server: FleetServerView | null; onClose: () => void }) {
  const styles = useStyles()
  const broken = server?.broken
  return (
    <Pane
      open={!!broken}
      onClose={onClose}
      title={server ? `Why ${server.name} has no access to its key` : ''}
      footer={
        server && (
          <>
            <ButtonLink appearance="primary" href={paths.serverDataEncryption(server.name)}>
              Data encryption
            </ButtonLink>
            <ButtonLink href={paths.fleet({ view: 'chain', server: server.name })}>Key chain</ButtonLink>
            <Button onClick={onClose}>Close</Button>
          </>
        )
      }
    >
      {broken && (
        <>
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{broken.title}</MessageBarTitle>
              <br />
              {broken.message}
            </MessageBarBody>
          </MessageBar>
          <h3 className={styles.heading}>What to do</h3>
          <p className={styles.text}>{broken.wayOut}</p>
          <h3 className={styles.heading}>What the check saw</h3>
          <Essentials
            items={[
              { label: 'Broken link', value: broken.link },
              { label: 'Cause', value: broken.cause },
              { label: 'Since', value: <Instant at={broken.since} seconds /> },
              ...Object.entries(broken.evidence).map(([label, value]) => ({ label, value })),
            ]}
          />
        </>
      )}
    </Pane>
  )
}
