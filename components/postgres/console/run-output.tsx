'use client'
import type { EditorView } from '@codemirror/view'
import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components'
import type { RefObject } from 'react'
import { Section } from '@/components/ui/section'
import { type ConsoleMessage, type ConsoleResult, ROW_LIMIT } from '@/server/dataplane/contract'
import { durationText, placeOf } from './positions'
import type { Outcome } from './use-console'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, minWidth: 0 },
  time: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  frame: {
    overflow: 'auto',
    maxHeight: '50vh',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  table: {
    borderCollapse: 'collapse',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    '& th, & td': {
      padding: '4px 10px',
      borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
      textAlign: 'left',
      verticalAlign: 'top',
      whiteSpace: 'pre-wrap',
      maxWidth: '60ch',
      overflowWrap: 'anywhere',
    },
    '& th': { position: 'sticky', top: 0, backgroundColor: tokens.colorNeutralBackground3, whiteSpace: 'nowrap' },
  },
  type: { display: 'block', fontWeight: tokens.fontWeightRegular, color: tokens.colorNeutralForeground3 },
  nothing: { color: tokens.colorNeutralForeground3, fontStyle: 'italic' },
  text: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
})

/** What the database answered: each result, its notices, and an error with the place that it means. */
export function RunOutput({ outcome, view }: { outcome: Outcome; view: RefObject<EditorView | null> }) {
  const styles = useStyles()
  const { run, problem, sql } = outcome
  return (
    <Section
      title="Output"
      aside={
        run && (
          <span className={styles.time}>
            {durationText(run.runMs)} to run, {durationText(run.connectMs)} to connect
          </span>
        )
      }
    >
      <div className={styles.root} aria-live="polite">
        {problem && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{problem}</MessageBarBody>
          </MessageBar>
        )}
        {run?.error && <Message said={run.error} sql={sql} view={view} />}
        {run?.notices.map((notice, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: notices have nothing else to tell them apart, and never move.
          <Message key={i} said={notice} sql={sql} view={view} />
        ))}
        {run?.results.map((result, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: results are known by their order alone.
          <Result key={i} number={i + 1} result={result} />
        ))}
      </div>
    </Section>
  )
}

function Message(props: { said: ConsoleMessage; sql: string; view: RefObject<EditorView | null> }) {
  const styles = useStyles()
  const { said, sql } = props
  const failed = ['ERROR', 'FATAL', 'PANIC'].includes(said.severity)
  const place = said.position === null ? null : placeOf(sql, said.position)
  const show = () => {
    const view = props.view.current
    if (!view || !place) return
    view.dispatch({ selection: { anchor: Math.min(place.offset, view.state.doc.length) }, scrollIntoView: true })
    view.focus()
  }
  return (
    <MessageBar intent={failed ? 'error' : 'info'} layout="multiline">
      <MessageBarBody className={styles.text}>
        <MessageBarTitle>
          {said.severity}
          {said.code && ` ${said.code}`}
          {place && ` at line ${place.line}, column ${place.column}`}
        </MessageBarTitle>
        {[said.message, said.detail, said.hint && `Hint: ${said.hint}`].filter(Boolean).join('\n')}
      </MessageBarBody>
      {place && (
        <MessageBarActions>
          <Button onClick={show}>Show the place</Button>
        </MessageBarActions>
      )}
    </MessageBar>
  )
}

function Result({ result, number }: { result: ConsoleResult; number: number }) {
  const styles = useStyles()
  const { command, rowCount, columns, rows } = result
  const label = `Result ${number}: ${command}${rowCount === null ? '' : `, ${rowCount} ${rowCount === 1 ? 'row' : 'rows'}`}`
  const more = rowCount !== null && columns.length > 0 && rowCount > rows.length
  return (
    <div>
      <p>
        {label}
        {more && `; the first ${ROW_LIMIT} are shown`}
      </p>
      {columns.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard.
        <section className={styles.frame} aria-label={label} tabIndex={0}>
          <table className={styles.table}>
            <thead>
              <tr>
                {columns.map((column, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one name.
                  <th key={i} scope="col">
                    {column.name}
                    <span className={styles.type}>{column.type}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows are known by their order alone.
                <tr key={i}>
                  {row.map((cell, j) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: cells are known by their column.
                    <td key={j}>{cell ?? <span className={styles.nothing}>NULL</span>}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  )
}
