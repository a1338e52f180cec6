'use client'
import { Divider, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { GridRegular } from '@fluentui/react-icons/svg/grid'
import { HeartPulseRegular } from '@fluentui/react-icons/svg/heart-pulse'
import { HistoryRegular } from '@fluentui/react-icons/svg/history'
import { HomeRegular } from '@fluentui/react-icons/svg/home'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { Fragment, type ReactNode } from 'react'
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
  [{ label: 'Activity log', href: paths.activity(), icon: <HistoryRegular /> }],
]

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', rowGap: '2px' },
  divider: { flexGrow: 0, marginTop: '6px', marginBottom: '6px' },
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
      <ul className={styles.list}>
        {GROUPS.map((entries, i) => (
          <Fragment key={entries[0]!.href}>
            {i > 0 && (
              <li role="presentation">
                <Divider className={styles.divider} />
              </li>
            )}
            {entries.map((entry) => {
              const active = isUnder(entry.href, path)
              return (
                <li key={entry.href}>
                  <Link
                    href={entry.href}
                    onClick={onFollow}
                    aria-current={active ? 'page' : undefined}
                    className={mergeClasses(styles.link, active && styles.active)}
                  >
                    {entry.icon}
                    {entry.label}
                  </Link>
                </li>
              )
            })}
          </Fragment>
        ))}
      </ul>
    </nav>
  )
}
