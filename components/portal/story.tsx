'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { AppLink } from '@/components/ui/app-link'
import { paths } from './paths'

const useStyles = makeStyles({
  list: { margin: 0, padding: 0, listStyleType: 'none', counterReset: 'step' },
  step: {
    display: 'grid',
    gridTemplateColumns: '28px minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalM,
    paddingBottom: tokens.spacingVerticalM,
    counterIncrement: 'step',
    position: 'relative',
    '::before': {
      content: 'counter(step)',
      display: 'flex',
      alignItems: 'center',
      justifyContent: 'center',
      width: '26px',
      height: '26px',
      borderRadius: '50%',
      border: `1px solid ${tokens.colorBrandStroke1}`,
      color: tokens.colorBrandForeground1,
      fontWeight: tokens.fontWeightSemibold,
      fontSize: tokens.fontSizeBase200,
    },
    ':not(:last-child)::after': {
      content: '""',
      position: 'absolute',
      left: '12.5px',
      top: '30px',
      bottom: '4px',
      width: '1px',
      backgroundColor: tokens.colorNeutralStroke2,
    },
  },
  who: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

const STEPS: { who: string; text: ReactNode }[] = [
  {
    who: 'Security officer',
    text: (
      <>
        Make an RSA key in one of the{' '}
        <AppLink inline href={paths.vaults()}>
          key vaults
        </AppLink>
        .
      </>
    ),
  },
  {
    who: 'Developer',
    text: (
      <>
        <AppLink inline href={paths.createPostgres()}>
          Create a server
        </AppLink>{' '}
        with a customer-managed key, and watch its data key being wrapped.
      </>
    ),
  },
  {
    who: 'Security officer',
    text: 'Disable the key. The portal first shows which servers will lose access, and by when.',
  },
  {
    who: 'Anyone who may move the clock',
    text: (
      <>
        Advance the clock by an hour in the top bar. The server becomes Inaccessible, and{' '}
        <AppLink inline href={paths.fleet()}>
          fleet health
        </AppLink>{' '}
        says which link broke.
      </>
    ),
  },
  {
    who: 'Security officer',
    text: 'Enable the key and advance another hour. The server is Ready again.',
  },
]

/** What to try first: the story that the whole product is built around. */
export function Story() {
  const styles = useStyles()
  return (
    <ol className={styles.list}>
      {STEPS.map(({ who, text }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the steps of the story never move.
        <li key={i} className={styles.step}>
          <div>
            <div className={styles.who}>{who}</div>
            <div>{text}</div>
          </div>
        </li>
      ))}
    </ol>
  )
}
