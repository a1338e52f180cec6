'use client'
import { Button, makeStyles, Skeleton, SkeletonItem, tokens } from '@fluentui/react-components'
import { ErrorCircleRegular } from '@fluentui/react-icons/svg/error-circle'
import type { ReactNode } from 'react'

const useStyles = makeStyles({
  box: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    textAlign: 'center',
    rowGap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
    color: tokens.colorNeutralForeground2,
  },
  icon: { display: 'flex', fontSize: '36px', color: tokens.colorNeutralForeground3 },
  failed: { color: tokens.colorStatusDangerForeground1 },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  text: { margin: 0, maxWidth: '52ch' },
  skeleton: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
})

/** Nothing to show: says why, and what to do about it. */
export function EmptyState(props: { title: string; text?: ReactNode; icon?: ReactNode; action?: ReactNode }) {
  const styles = useStyles()
  return (
    <div className={styles.box}>
      {props.icon && (
        <span className={styles.icon} aria-hidden="true">
          {props.icon}
        </span>
      )}
      <p className={styles.title}>{props.title}</p>
      {props.text && <p className={styles.text}>{props.text}</p>}
      {props.action}
    </div>
  )
}

/** Something could not be loaded; `onRetry` tries again. */
export function ErrorState(props: { title?: string; message: string; onRetry?: () => void; children?: ReactNode }) {
  const styles = useStyles()
  return (
    <div className={styles.box} role="alert">
      <span className={styles.icon} aria-hidden="true">
        <ErrorCircleRegular className={styles.failed} />
      </span>
      <p className={styles.title}>{props.title ?? 'This could not be loaded'}</p>
      <p className={styles.text}>{props.message}</p>
      {props.onRetry && <Button onClick={props.onRetry}>Try again</Button>}
      {props.children}
    </div>
  )
}

/** Grey lines where text will be, for the first load of a page or a table. */
export function PageSkeleton({ lines = 6, label = 'Loading' }: { lines?: number; label?: string }) {
  const styles = useStyles()
  const widths = ['40%', '75%', '92%', '86%', '64%', '80%', '55%', '70%']
  return (
    <Skeleton aria-label={label} className={styles.skeleton}>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else to tell them apart, and never move.
        <SkeletonItem key={i} size={16} style={{ width: widths[i % widths.length] }} />
      ))}
    </Skeleton>
  )
}
