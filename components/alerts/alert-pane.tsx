'use client'
import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { Instant } from '@/components/portal/instant'
import { pathOfResource, paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import { Loaded } from '@/components/ui/loaded'
import { Pane } from '@/components/ui/pane'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { setAlertState } from '@/server/actions/alerts'
import type { AlertDetailView } from '@/server/alerts/contract'
import type { AlertState } from '@/server/alerts/model'
import { ConditionBadge, SeverityBadge } from './alert-looks'
import { alertQuery } from './alerts-query'
import { DeliveryList } from './delivery-list'

const useStyles = makeStyles({
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  text: { margin: 0 },
  code: {
    margin: 0,
    padding: tokens.spacingHorizontalM,
    overflowX: 'auto',
    fontSize: tokens.fontSizeBase200,
    backgroundColor: tokens.colorNeutralBackground3,
  },
})

export function AlertPane({ id, onClose }: { id: string | null; onClose: () => void }) {
  return id ? <OneAlert id={id} onClose={onClose} /> : null
}

const MOVES: { state: AlertState; label: string; done: string }[] = [
  { state: 'Acknowledged', label: 'Acknowledge', done: 'It is acknowledged already.' },
  { state: 'Closed', label: 'Close alert', done: 'It is closed already.' },
  { state: 'New', label: 'Reopen', done: 'It is open.' },
]

function OneAlert({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(alertQuery(id))
  const { run, busy } = useAction(setAlertState, {
    progress: 'Changing the state of the alert',
    success: 'The state of the alert was changed',
    failure: 'The state of the alert was not changed',
    invalidate: [['alerts']],
  })
  const alert = query.data
  return (
    <Pane
      open
      onClose={onClose}
      title={alert?.title ?? 'Alert'}
      footer={
        alert && (
          <>
            {MOVES.map(({ state, label, done }) => (
              <PermissionButton
                key={state}
                permission={alert.permission}
                disabledReason={busy ? 'It is being changed.' : alert.state === state ? done : null}
                onClick={() => void run({ id, state })}
              >
                {label}
              </PermissionButton>
            ))}
            <Button onClick={onClose}>Dismiss</Button>
          </>
        )
      }
    >
      <Loaded query={query} label="alert">
        {(loaded) => <Details alert={loaded} />}
      </Loaded>
    </Pane>
  )
}

function Details({ alert }: { alert: AlertDetailView }) {
  const styles = useStyles()
  const href = pathOfResource(alert.targetId)
  return (
    <>
      <p className={styles.text}>{alert.description}</p>
      <Essentials
        items={[
          { label: 'Severity', value: <SeverityBadge severity={alert.severity} /> },
          { label: 'Condition', value: <ConditionBadge condition={alert.condition} /> },
          { label: 'State', value: alert.stateChangedBy ? `${alert.state} by ${alert.stateChangedBy}` : alert.state },
          { label: 'Resource', value: href ? <AppLink href={href}>{alert.targetName}</AppLink> : alert.targetName },
          {
            label: 'Rule',
            value: (
              <AppLink href={`${paths.alertRules()}?q=${encodeURIComponent(alert.ruleName)}`}>{alert.ruleName}</AppLink>
            ),
          },
          { label: 'Fired', value: <Instant at={alert.firedAt} seconds /> },
          { label: 'Last seen', value: <Instant at={alert.lastFiredAt} seconds /> },
          { label: 'Times seen', value: alert.occurrences },
          { label: 'Resolved', value: alert.resolvedAt && <Instant at={alert.resolvedAt} seconds /> },
          { label: 'Silenced by', value: alert.suppressedBy },
        ]}
      />
      <h3 className={styles.heading}>History</h3>
      <ul>
        {alert.history.map((h) => (
          <li key={`${h.at} ${h.what}`}>
            <Instant at={h.at} seconds /> {h.what} ({h.by})
          </li>
        ))}
      </ul>
      <h3 className={styles.heading}>Notifications</h3>
      <DeliveryList deliveries={alert.deliveries} />
      <h3 className={styles.heading}>What was seen</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <pre className={styles.code} tabIndex={0}>
        {JSON.stringify(alert.context, null, 2)}
      </pre>
    </>
  )
}
