'use client'
import type { EditorView } from '@codemirror/view'
import { Button, Field, Input, makeStyles, Spinner, tokens } from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons/svg/dismiss'
import { PlayRegular } from '@fluentui/react-icons/svg/play'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useUrlState } from '@/components/ui/use-url-state'
import type { ConnectionView, ServerView } from '@/server/postgres/contract'
import { ReachBar } from '../connect/reach-bar'
import { ServerFrame } from '../server/server-frame'
import { connectionQuery } from '../server/server-query'
import { RunOutput } from './run-output'
import { SqlEditor } from './sql-editor'
import { useConsole } from './use-console'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, minWidth: 0 },
  login: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM },
  field: { minWidth: '200px', flexGrow: 1, maxWidth: '320px' },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalS },
  hint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

const FIRST_TEXT = 'SELECT current_user, version();\n'

/** SQL in the browser, by the same door as every other client. */
export function ConsolePage({ name }: { name: string }) {
  const query = useQuery(connectionQuery(name))
  return (
    <ServerFrame name={name}>
      {({ server }) => (
        <Loaded query={query} label={`connection of ${name}`}>
          {(connection) => <Console server={server} connection={connection} />}
        </Loaded>
      )}
    </ServerFrame>
  )
}

function Console({ server, connection }: { server: ServerView; connection: ConnectionView }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const [login, setLogin] = useState(server.administratorLogin)
  // In this page's memory alone: gone with the page.
  const [password, setPassword] = useState('')
  const database = params.get('database') || 'postgres'
  const view = useRef<EditorView | null>(null)
  const { run, cancel, busy, outcome } = useConsole(server.name)
  const start = () => {
    if (!busy) void run({ login, password, database, sql: view.current?.state.doc.toString() ?? '' })
  }
  const offline = connection.installation.available ? null : connection.installation.reason
  const options = outcome?.run?.databases ?? []
  return (
    <div className={styles.root}>
      <ReachBar server={server} connection={connection} />
      <Section title="SQL console">
        <div className={styles.login}>
          <Field label="Login" className={styles.field}>
            <Input value={login} onChange={(_, data) => setLogin(data.value)} autoComplete="off" spellCheck={false} />
          </Field>
          <Field label="Password" className={styles.field}>
            <Input
              type="password"
              value={password}
              onChange={(_, data) => setPassword(data.value)}
              autoComplete="off"
            />
          </Field>
          <Field label="Database" className={styles.field}>
            <Input
              value={database}
              list="console-databases"
              onChange={(_, data) => change({ database: data.value })}
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
          <datalist id="console-databases">
            {options.map((option) => (
              <option key={option} value={option} />
            ))}
          </datalist>
        </div>
        <SqlEditor view={view} initial={FIRST_TEXT} onRun={start} />
        <div className={styles.tools}>
          <PermissionButton
            appearance="primary"
            icon={busy ? <Spinner size="tiny" /> : <PlayRegular />}
            disabledReason={offline ?? (busy ? 'A run is at work. Cancel it, or wait.' : null)}
            onClick={start}
          >
            Run
          </PermissionButton>
          {busy && (
            <Button icon={<DismissRegular />} onClick={cancel}>
              Cancel
            </Button>
          )}
          <span className={styles.hint}>Ctrl-Enter runs, Tab leaves the editor.</span>
        </div>
      </Section>
      {outcome && <RunOutput outcome={outcome} view={view} />}
      <SimulatedNote>
        each run is a session of its own over TLS, by the gateway: firewall, state and password decide as for psql.
        Several statements are one transaction unless they say otherwise. The password stays in this page and goes with
        it.
      </SimulatedNote>
    </div>
  )
}
