'use client'
import { Button, makeStyles, Tooltip, tokens } from '@fluentui/react-components'
import { NavigationRegular } from '@fluentui/react-icons/svg/navigation'
import { QuestionCircleRegular } from '@fluentui/react-icons/svg/question-circle'
import Link from 'next/link'
import { bar } from '@/components/ui/theme'
import type { SessionView } from '@/server/identity/contract'
import type { ClockData } from '@/server/queries/clock'
import { useBarStyles } from './bar-styles'
import { ClockWidget } from './clock-widget'
import { Mark } from './mark'
import { NotificationsBell } from './notifications-bell'
import { paths } from './paths'
import { PersonaSwitcher } from './persona-switcher'
import { SearchJump } from './search-jump'
import { ThemeSwitch } from './theme-switch'

const useStyles = makeStyles({
  bar: {
    position: 'sticky',
    top: 0,
    zIndex: 10,
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    rowGap: '6px',
    minHeight: '48px',
    padding: `6px ${tokens.spacingHorizontalM}`,
    backgroundColor: bar.background,
    color: bar.foreground,
    boxShadow: tokens.shadow4,
    '@media (max-width: 480px)': { padding: '6px 4px', columnGap: 0 },
  },
  brand: {
    display: 'flex',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    color: bar.foreground,
    textDecorationLine: 'none',
    borderRadius: tokens.borderRadiusMedium,
    padding: '2px 4px',
    ':focus-visible': { outline: `2px solid ${bar.foreground}` },
  },
  name: {
    fontSize: tokens.fontSizeBase400,
    fontWeight: tokens.fontWeightSemibold,
    letterSpacing: '0.01em',
    '@media (max-width: 600px)': { display: 'none' },
  },
  badge: {
    fontSize: '11px',
    lineHeight: '16px',
    padding: '0 7px',
    borderRadius: tokens.borderRadiusCircular,
    border: `1px solid ${bar.accent}`,
    color: bar.accent,
    '@media (max-width: 480px)': { display: 'none' },
  },
  search: {
    flexGrow: 1,
    maxWidth: '420px',
    minWidth: 0,
    marginLeft: 'auto',
    marginRight: 'auto',
    display: 'flex',
    '@media (max-width: 900px)': { order: 10, flexBasis: '100%', maxWidth: 'none' },
  },
  end: { display: 'flex', alignItems: 'center', '@media (max-width: 900px)': { marginLeft: 'auto' } },
})

export function TopBar(props: { session: SessionView; clock: ClockData; onMenu: () => void; menuOpen: boolean }) {
  const styles = useStyles()
  const barStyles = useBarStyles()
  return (
    <header className={styles.bar}>
      <Tooltip content={props.menuOpen ? 'Hide menu' : 'Show menu'} relationship="label">
        <Button
          className={barStyles.button}
          appearance="transparent"
          icon={<NavigationRegular />}
          aria-expanded={props.menuOpen}
          onClick={props.onMenu}
        />
      </Tooltip>
      <Link href={paths.home()} className={styles.brand} aria-label="Portcullis, simulation: home">
        <Mark />
        <span className={styles.name}>Portcullis</span>
        <span className={styles.badge}>Simulation</span>
      </Link>
      <search className={styles.search}>
        <SearchJump />
      </search>
      <div className={styles.end}>
        <ClockWidget {...props.clock} />
        <NotificationsBell />
        <ThemeSwitch />
        <Tooltip content="Help: the five-minute story" relationship="label">
          <Button
            as="a"
            href="/#story"
            className={barStyles.button}
            appearance="transparent"
            icon={<QuestionCircleRegular />}
          />
        </Tooltip>
        <PersonaSwitcher session={props.session} />
      </div>
    </header>
  )
}
