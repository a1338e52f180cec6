'use client'
import {
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components'
import { Instant } from '@/components/portal/instant'
import type { StepView } from '@/server/workflow/contract'
import { StepBadge } from './status-looks'

const useStyles = makeStyles({
  frame: {
    overflowX: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  table: { tableLayout: 'auto', minWidth: '720px' },
  head: { backgroundColor: tokens.colorNeutralBackground2, whiteSpace: 'nowrap' },
  cell: { verticalAlign: 'top', paddingTop: tokens.spacingVerticalS, paddingBottom: tokens.spacingVerticalS },
  detail: { overflowWrap: 'anywhere', color: tokens.colorNeutralForeground2 },
  error: { color: tokens.colorStatusDangerForeground1 },
  code: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
})

const COLUMNS = ['Step', 'Status', 'Started', 'Work', 'Attempts', 'Detail']

/** The steps of an operation, each with its state, what it took and what it found. */
export function StepsTable({ steps }: { steps: StepView[] }) {
  const styles = useStyles()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard.
    <section className={styles.frame} aria-label="Steps" tabIndex={0}>
      <Table size="small" className={styles.table} aria-label="Steps">
        <TableHeader>
          <TableRow>
            {COLUMNS.map((name) => (
              <TableHeaderCell key={name} className={styles.head}>
                {name}
              </TableHeaderCell>
            ))}
          </TableRow>
        </TableHeader>
        <TableBody>
          {steps.map((step) => (
            <TableRow key={step.name}>
              <TableCell className={styles.cell}>{step.title}</TableCell>
              <TableCell className={styles.cell}>
                <StepBadge status={step.status} />
              </TableCell>
              <TableCell className={styles.cell}>
                {step.startedAt ? <Instant at={step.startedAt} seconds /> : '-'}
              </TableCell>
              <TableCell className={styles.cell}>{step.workMs === null ? '-' : workText(step.workMs)}</TableCell>
              <TableCell className={styles.cell}>{step.attempts}</TableCell>
              <TableCell className={styles.cell}>
                <Detail step={step} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </section>
  )
}

function Detail({ step }: { step: StepView }) {
  const styles = useStyles()
  if (step.error) {
    return (
      <span className={styles.error}>
        <span className={styles.code}>{step.error.code}</span>: {step.error.message}
      </span>
    )
  }
  return <span className={styles.detail}>{step.detail ?? ''}</span>
}

/** Real time of work, which is short: virtual time stands still while a step runs. */
function workText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}\u00a0ms` : `${(ms / 1000).toFixed(1)}\u00a0s`
}
