'use client'
import { Button, CounterBadge, makeStyles, Spinner, Tooltip, tokens } from '@fluentui/react-components'
import { AlertRegular } from '@fluentui/react-icons/svg/alert'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { InfoRegular } from '@fluentui/react-icons/svg/info'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { AppLink } from '@/components/ui/app-link'
import { Pane } from '@/components/ui/pane'
import { EmptyState } from '@/components/ui/states'
import { bar } from '@/components/ui/theme'
import { markSeen } from '@/server/actions/notifications'
import type { InboxView } from '@/server/alerts/contract'
import type { BellItem } from '@/server/monitor/contract'
import type { NotificationsData } from '@/server/queries/notifications'
import { useBarStyles } from './bar-styles'
import { RelativeTime } from './instant'
import { pathOfResource, paths } from './paths'
import { notificationsQuery } from './shell-query'
import { useNotificationToasts } from './use-notification-toasts'

const useStyles = makeStyles({
  anchor: { position: 'relative' },
  badge: {
    position: 'absolute',
    top: '-1px',
    right: '-2px',
    pointerEvents: 'none',
    backgroundColor: bar.accent,
    color: '#1b1b1b',
  },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'grid',
    gridTemplateColumns: '24px minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalS,
    paddingTop: tokens.spacingVerticalM,
    paddingBottom: tokens.spacingVerticalM,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  icon: { display: 'flex', fontSize: '18px', paddingTop: '1px' },
  title: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  text: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
})

export const NOTIFICATION_ICONS: Record<BellItem['kind'], ReactNode> = {
  progress: <Spinner size="extra-tiny" aria-hidden="true" />,
  success: <CheckmarkCircleFilled color={tokens.colorStatusSuccessForeground1} />,
  warning: <WarningFilled color={tokens.colorStatusWarningForeground3} />,
  error: <ErrorCircleFilled color={tokens.colorStatusDangerForeground1} />,
  info: <InfoRegular />,
}

/** The page that a notification is about: the deployment while it runs or failed, the resource once it is there. */
export function hrefOf(item: BellItem): string | null {
  if (item.operationId && item.kind !== 'success') return paths.deployment(item.operationId)
  return pathOfResource(item.resourceId) ?? paths.activity({ resource: item.resourceId })
}

export function NotificationsBell() {
  const styles = useStyles()
  const barStyles = useBarStyles()
  const client = useQueryClient()
  const { data } = useQuery(notificationsQuery)
  const [open, setOpen] = useState(false)
  const items = data?.items ?? []
  const inbox = data?.inbox ?? []
  const unread = items.filter((i) => i.unread).length + inbox.filter((m) => m.unread).length
  useNotificationToasts(items)

  const close = () => {
    setOpen(false)
    client.setQueryData<NotificationsData>(notificationsQuery.queryKey, (old) =>
      old
        ? {
            ...old,
            items: old.items.map((i) => ({ ...i, unread: false })),
            inbox: old.inbox.map((m) => ({ ...m, unread: false })),
          }
        : old,
    )
  }
  const show = () => {
    setOpen(true)
    if (data && unread > 0) void markSeen({ seq: data.newestSeq, inboxSeq: data.inbox[0]?.seq ?? 0 })
  }
  return (
    <>
      <span className={styles.anchor}>
        <Tooltip content={unread ? `Notifications, ${unread} new` : 'Notifications'} relationship="label">
          <Button className={barStyles.button} appearance="transparent" icon={<AlertRegular />} onClick={show} />
        </Tooltip>
        {unread > 0 && <CounterBadge className={styles.badge} count={unread} size="small" aria-hidden="true" />}
      </span>
      <Pane open={open} onClose={close} title="Notifications" size="small">
        {inbox.length > 0 && (
          <section aria-label="Inbox of alerts">
            <h3 className={styles.title}>Alerts</h3>
            <ul className={styles.list}>
              {inbox.slice(0, INBOX_SHOWN).map((message) => (
                <InboxLine key={message.id} message={message} onFollow={close} />
              ))}
            </ul>
            <AppLink href={paths.alerts()} onClick={close}>
              All alerts
            </AppLink>
          </section>
        )}
        {items.length === 0 ? (
          <EmptyState
            icon={<AlertRegular />}
            title="No notifications"
            text="What happens to your resources appears here."
          />
        ) : (
          <>
            <AppLink href={paths.activity()} onClick={close}>
              All of it is in the activity log
            </AppLink>
            <ul className={styles.list}>
              {items.map((item) => (
                <NotificationLine key={item.id} item={item} onFollow={close} />
              ))}
            </ul>
          </>
        )}
      </Pane>
    </>
  )
}

const INBOX_SHOWN = 8

function InboxLine({ message, onFollow }: { message: InboxView; onFollow: () => void }) {
  const styles = useStyles()
  const href = message.alertId ? paths.alerts({ alert: message.alertId }) : paths.actionGroups()
  const kind = message.occasion === 'Resolved' ? 'success' : message.severity < 2 ? 'error' : 'warning'
  return (
    <li className={styles.item}>
      <span className={styles.icon} aria-hidden="true">
        {NOTIFICATION_ICONS[message.occasion === 'Test' ? 'info' : kind]}
      </span>
      <div>
        <div className={styles.title}>
          <AppLink href={href} onClick={onFollow}>
            {message.title}
          </AppLink>
          {message.unread && <span className={styles.text}> · new</span>}
        </div>
        <div className={styles.text}>
          {message.occasion}, severity {message.severity} · <RelativeTime at={message.at} />
        </div>
      </div>
    </li>
  )
}

function NotificationLine({ item, onFollow }: { item: BellItem; onFollow: () => void }) {
  const styles = useStyles()
  const href = hrefOf(item)
  return (
    <li className={styles.item}>
      <span className={styles.icon} aria-hidden="true">
        {NOTIFICATION_ICONS[item.kind]}
      </span>
      <div>
        <div className={styles.title}>
          {href ? (
            <AppLink href={href} onClick={onFollow}>
              {item.title}
            </AppLink>
          ) : (
            item.title
          )}
          {item.unread && <span className={styles.text}> · new</span>}
        </div>
        <div className={styles.text}>
          {item.text} · <RelativeTime at={item.at} />
        </div>
      </div>
    </li>
  )
}
