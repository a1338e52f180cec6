'use client'
import { makeStyles, Spinner, tokens } from '@fluentui/react-components'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { Mark } from './mark'

const REFRESH_MS = 2_000

const useStyles = makeStyles({
  main: {
    minHeight: '100vh',
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'center',
    rowGap: tokens.spacingVerticalL,
    padding: tokens.spacingHorizontalL,
    textAlign: 'center',
  },
  title: { margin: 0, fontSize: tokens.fontSizeBase600, lineHeight: tokens.lineHeightBase600 },
  list: { margin: 0, padding: 0, listStyleType: 'none', color: tokens.colorNeutralForeground3 },
})

/** Shown until database, seed and engine are there; looks again by itself. */
export function SettingUp({ missing }: { missing: string[] }) {
  const styles = useStyles()
  const router = useRouter()
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [router])
  return (
    <main className={styles.main}>
      <Mark size={64} />
      <h1 className={styles.title}>Portcullis is still being set up</h1>
      <Spinner size="small" label="This page goes on by itself." />
      <ul className={styles.list}>
        {missing.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </main>
  )
}
