'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { Pane } from '@/components/ui/pane'
import { LeftNav } from './left-nav'
import { clockQuery, sessionQuery } from './shell-query'
import { TopBar } from './top-bar'
import { useLiveUpdates } from './use-live-updates'
import { VirtualNowProvider } from './use-ticking-now'

const NARROW = '@media (max-width: 900px)'

const useStyles = makeStyles({
  shell: {
    minHeight: '100vh',
    display: 'flex',
    flexDirection: 'column',
    backgroundColor: tokens.colorNeutralBackground1,
  },
  skip: {
    position: 'absolute',
    left: '8px',
    top: '-60px',
    zIndex: 20,
    padding: '8px 16px',
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForegroundLink,
    borderRadius: tokens.borderRadiusMedium,
    ':focus': { top: '8px' },
  },
  body: { display: 'flex', flexGrow: 1, minWidth: 0 },
  side: {
    width: '224px',
    flexShrink: 0,
    position: 'sticky',
    top: '48px',
    alignSelf: 'flex-start',
    height: 'calc(100vh - 48px)',
    overflowY: 'auto',
    padding: tokens.spacingHorizontalS,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    display: 'flex',
    flexDirection: 'column',
    [NARROW]: { display: 'none' },
  },
  hidden: { display: 'none' },
  legal: {
    marginTop: 'auto',
    padding: tokens.spacingHorizontalS,
    fontSize: tokens.fontSizeBase100,
    lineHeight: tokens.lineHeightBase100,
    color: tokens.colorNeutralForeground3,
  },
  main: {
    flexGrow: 1,
    minWidth: 0,
    padding: `${tokens.spacingVerticalL} ${tokens.spacingHorizontalXXL} ${tokens.spacingVerticalXXXL}`,
    ':focus': { outlineStyle: 'none' },
    '@media (max-width: 600px)': { padding: tokens.spacingHorizontalM },
  },
  content: { maxWidth: '1440px' },
  // For a screen that hangs on a wall: nothing but the page.
  wall: { padding: tokens.spacingHorizontalL, boxSizing: 'border-box', minWidth: 0 },
})

/** The frame around every page of the portal. */
export function Shell({ children }: { children: ReactNode }) {
  const styles = useStyles()
  const { data: session } = useQuery(sessionQuery)
  const { data: clock } = useQuery(clockQuery)
  const [sideShown, setSideShown] = useState(true)
  const [paneOpen, setPaneOpen] = useState(false)
  const wall = useSearchParams().get('wall') === '1'
  useLiveUpdates()
  if (!session || !clock) return null

  if (wall) {
    return (
      <VirtualNowProvider view={clock.clock}>
        <main id="main" className={mergeClasses(styles.shell, styles.wall)}>
          {children}
        </main>
      </VirtualNowProvider>
    )
  }
  const toggleMenu = () => {
    if (window.matchMedia('(max-width: 900px)').matches) setPaneOpen(true)
    else setSideShown((shown) => !shown)
  }
  return (
    <VirtualNowProvider view={clock.clock}>
      <div className={styles.shell}>
        <a href="#main" className={styles.skip}>
          Skip to content
        </a>
        <TopBar session={session} clock={clock} onMenu={toggleMenu} menuOpen={sideShown} />
        <div className={styles.body}>
          <div className={mergeClasses(styles.side, !sideShown && styles.hidden)}>
            <LeftNav />
            <Legal />
          </div>
          <Pane open={paneOpen} onClose={() => setPaneOpen(false)} title="Portcullis" size="small" position="start">
            <LeftNav onFollow={() => setPaneOpen(false)} />
            <Legal />
          </Pane>
          <main id="main" tabIndex={-1} className={styles.main}>
            <div className={styles.content}>{children}</div>
          </main>
        </div>
      </div>
    </VirtualNowProvider>
  )
}

function Legal() {
  return (
    <footer className={useStyles().legal}>
      A simulation. Portcullis is not Microsoft Azure and creates nothing there. Its keys, wrapping and tokens are real.
    </footer>
  )
}
