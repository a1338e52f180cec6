'use client'
import { Button, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { QuestionCircleRegular } from '@fluentui/react-icons/svg/question-circle'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import { type ReactNode, useState } from 'react'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { PermissionButton } from '@/components/ui/permission-button'
import { StatusPill, type Tone } from '@/components/ui/status-pill'
import { useAction } from '@/components/ui/use-action'
import { mendPrecondition } from '@/server/actions/create-server'
import type { KeyChoice, RuleResult } from '@/server/postgres/contract'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  rule: {
    display: 'grid',
    gridTemplateColumns: '132px minmax(0, 1fr) auto',
    alignItems: 'start',
    columnGap: tokens.spacingHorizontalM,
    paddingTop: tokens.spacingVerticalXS,
    paddingBottom: tokens.spacingVerticalXS,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    '@media (max-width: 760px)': { gridTemplateColumns: 'minmax(0, 1fr)', rowGap: tokens.spacingVerticalXS },
  },
  message: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
  code: {
    display: 'block',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground3,
  },
})

type Look = [tone: Tone, icon: ReactNode, word: string]

function lookOf({ status, severity }: RuleResult): Look {
  if (status === 'pass') return ['success', <CheckmarkCircleFilled key="i" />, 'Passed']
  if (status === 'unknown') return ['neutral', <QuestionCircleRegular key="i" />, 'Not checked']
  return severity === 'required'
    ? ['danger', <ErrorCircleFilled key="i" />, 'Required']
    : ['warning', <WarningFilled key="i" />, 'Recommended']
}

/** What the access test found for one key, rule by rule, with a way to mend what is broken. */
export function PreflightPanel(props: { label: string; rules: RuleResult[]; choice: KeyChoice; onMended: () => void }) {
  const styles = useStyles()
  return (
    <ul className={styles.list} aria-label={props.label}>
      {worstFirst(props.rules).map((rule) => (
        <Rule key={rule.id} rule={rule} choice={props.choice} onMended={props.onMended} />
      ))}
    </ul>
  )
}

const WEIGHT: Record<RuleResult['status'], number> = { fail: 0, unknown: 1, pass: 2 }
const weight = (rule: RuleResult): number => WEIGHT[rule.status] * 2 + (rule.severity === 'required' ? 0 : 1)

/** What fails stands on top; within that, the order in which the rules build on one another. */
const worstFirst = (rules: RuleResult[]): RuleResult[] => rules.toSorted((a, b) => weight(a) - weight(b))

function Rule({ rule, choice, onMended }: { rule: RuleResult; choice: KeyChoice; onMended: () => void }) {
  const styles = useStyles()
  const [tone, icon, word] = lookOf(rule)
  return (
    <li className={styles.rule}>
      <StatusPill tone={tone} icon={icon}>
        {word}
      </StatusPill>
      <div>
        <Text weight={rule.status === 'fail' ? 'semibold' : 'regular'}>{rule.title}</Text>
        {rule.status === 'pass' ? ' ' : <br />}
        <Text className={styles.message}>{rule.message}</Text>
        {rule.status === 'fail' && rule.code && (
          <span className={styles.code} title="The error code that a deployment would fail with">
            {rule.code}
          </span>
        )}
      </div>
      {rule.fix && <Mend fix={rule.fix} choice={choice} onMended={onMended} />}
    </li>
  )
}

function Mend(props: { fix: NonNullable<RuleResult['fix']>; choice: KeyChoice; onMended: () => void }) {
  const { fix, choice } = props
  const [confirming, setConfirming] = useState(false)
  const { run, busy } = useAction(mendPrecondition, {
    progress: `${fix.label}…`,
    success: `${fix.label}: done`,
    failure: `${fix.label}: this did not work`,
    invalidate: [['keys'], ['identity'], ['activity']],
  })
  const mend = async () => {
    setConfirming(false)
    const result = await run({ kind: fix.kind, identityId: choice.identityId, keyUri: choice.keyUri })
    if (result.ok) props.onMended()
  }
  const irreversible = fix.kind === 'enablePurgeProtection'
  return (
    <>
      <PermissionButton
        size="small"
        permission={fix.permission}
        disabledReason={busy ? 'It is being done.' : null}
        onClick={irreversible ? () => setConfirming(true) : mend}
      >
        {fix.label}
      </PermissionButton>
      <ConfirmDialog
        open={confirming}
        onClose={() => setConfirming(false)}
        title="Turn on purge protection?"
        confirmLabel="Turn on"
        onConfirm={mend}
      >
        It can never be turned off again: until their retention ends, neither the key store nor its keys can be
        destroyed by anybody.
      </ConfirmDialog>
    </>
  )
}

/** The button that starts the test, with what it is doing. */
export function TestAccessButton(props: {
  testing: boolean
  notReady: string | null
  onTest: () => void
  tested: boolean
}) {
  if (props.testing) {
    return (
      <Button icon={<Spinner size="tiny" aria-hidden="true" />} disabledFocusable>
        Testing access…
      </Button>
    )
  }
  return (
    <PermissionButton disabledReason={props.notReady} onClick={props.onTest}>
      {props.tested ? 'Test access again' : 'Test access'}
    </PermissionButton>
  )
}
