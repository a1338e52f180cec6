'use client'
import { makeStyles, mergeClasses, Spinner, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { AlertUrgentRegular } from '@fluentui/react-icons/svg/alert-urgent'
import { GridRegular } from '@fluentui/react-icons/svg/grid'
import { HeartPulseRegular } from '@fluentui/react-icons/svg/heart-pulse'
import { HistoryRegular } from '@fluentui/react-icons/svg/history'
import { HomeRegular } from '@fluentui/react-icons/svg/home'
import { LightbulbRegular } from '@fluentui/react-icons/svg/lightbulb'
import Link, { useLinkStatus } from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { paths } from './paths'
import { KIND_ICONS } from './resource-kinds'

type Entry = { label: string; href: string; icon: ReactNode }

const GROUPS: Entry[][] = [
  [{ label: 'Create a server', href: paths.createPostgres(), icon: <AddRegular /> }],
  [
    { label: 'Home', href: paths.home(), icon: <HomeRegular /> },
    { label: 'Fleet health', href: paths.fleet(), icon: <HeartPulseRegular /> },
    { label: 'All resources', href: paths.resources(), icon: <GridRegular /> },
  ],
  [
    { label: 'PostgreSQL servers', href: paths.servers(), icon: KIND_ICONS.server },
    { label: 'Key vaults', href: paths.vaults(), icon: KIND_ICONS.vault },
    { label: 'Managed HSMs', href: paths.hsms(), icon: KIND_ICONS.managedHsm },
    { label: 'Managed identities', href: paths.identities(), icon: KIND_ICONS.identity },
  ],
  [
    { label: 'Alerts', href: paths.alerts(), icon: <AlertUrgentRegular /> },
    { label: 'Advisor', href: paths.advisor(), icon: <LightbulbRegular /> },
    { label: 'Activity log', href: paths.activity(), icon: <HistoryRegular /> },
  ],
]

const useStyles = makeStyles({
  list: {
    listStyleType: 'none',
    margin: 0,
    padding: '8px 0',
    display: 'flex',
    flexDirection: 'column',
    rowGap: '2px',
    ':first-child': { paddingTop: 0 },
    ':not(:last-child)': { borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  },
  pending: {
    marginLeft: 'auto',
    opacity: 0,
    animationName: { to: { opacity: 1 } },
    animationDelay: '150ms',
    animationDuration: '100ms',
    animationFillMode: 'forwards',
  },
  link: {
    display: 'flex',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalM,
    height: '34px',
    paddingLeft: tokens.spacingHorizontalM,
    paddingRight: tokens.spacingHorizontalM,
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    whiteSpace: 'nowrap',
    position: 'relative',
    '& svg': { fontSize: '18px', color: tokens.colorNeutralForeground3, flexShrink: 0 },
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
  active: {
    fontWeight: tokens.fontWeightSemibold,
    backgroundColor: tokens.colorSubtleBackgroundSelected,
    '& svg': { color: tokens.colorBrandForeground1 },
    '::before': {
      content: '""',
      position: 'absolute',
      left: '2px',
      top: '8px',
      bottom: '8px',
      width: '3px',
      borderRadius: '2px',
      backgroundColor: tokens.colorCompoundBrandStroke,
    },
  },
})

/** True when `path` is the entry's page or one below it. */
export const isUnder = (href: string, path: string): boolean =>
  href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`)

/** The menu of the portal; `onFollow` lets a drawer close itself. */
export function LeftNav({ onFollow }: { onFollow?: () => void }) {
  const styles = useStyles()
  const path = usePathname()
  return (
    <nav aria-label="Portal">
      {GROUPS.map((entries) => (
        <ul key={entries[0]!.href} className={styles.list}>
          {entries.map((entry) => (
            <li key={entry.href}>
              <NavLink entry={entry} active={isUnder(entry.href, path)} onFollow={onFollow} />
            </li>
          ))}
        </ul>
      ))}
    </nav>
  )
}

function NavLink({ entry, active, onFollow }: { entry: Entry; active: boolean; onFollow?: () => void }) {
  const styles = useStyles()
  return (
    <Link
      href={entry.href}
      onClick={onFollow}
      aria-current={active ? 'page' : undefined}
      className={mergeClasses(styles.link, active && styles.active)}
    >
      {entry.icon}
      {entry.label}
      <Pending />
    </Link>
  )
}

/** Shows that the page behind the link is on its way, but only once that takes long enough to be noticed. */
function Pending() {
  const { pending } = useLinkStatus()
  const styles = useStyles()
  return pending ? <Spinner size="extra-tiny" className={styles.pending} aria-label="Loading" /> : null
}
