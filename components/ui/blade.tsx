'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { ChevronRight12Regular } from '@fluentui/react-icons/svg/chevron-right'
import type { ReactNode } from 'react'
import { AppLink } from './app-link'

const useStyles = makeStyles({
  blade: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, minWidth: 0 },
  trail: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    columnGap: tokens.spacingHorizontalXS,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    color: tokens.colorNeutralForeground3,
  },
  crumb: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS, minWidth: 0 },
  header: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXS },
  titles: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalM, minWidth: 0 },
  icon: {
    display: 'flex',
    fontSize: '28px',
    color: tokens.colorBrandForeground1,
    '@media (max-width: 480px)': { display: 'none' },
  },
  title: {
    margin: 0,
    fontSize: tokens.fontSizeBase500,
    lineHeight: tokens.lineHeightBase500,
    fontWeight: tokens.fontWeightSemibold,
    overflowWrap: 'anywhere',
  },
  subtitle: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  badge: { marginLeft: tokens.spacingHorizontalXS },
  commands: {
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    marginTop: tokens.spacingVerticalS,
  },
})

export type Crumb = { label: string; href: string }

export type BladeProps = {
  title: string
  /** What kind of thing it is: "Azure Database for PostgreSQL flexible server". */
  subtitle?: ReactNode
  /** One icon at 28 px, e.g. `<KeyRegular />`. */
  icon?: ReactNode
  /** From Home down to the parent; the page itself is added. */
  breadcrumb?: Crumb[]
  /** A `StateBadge` or the like beside the title. */
  badge?: ReactNode
  /** A `CommandBar`. */
  commands?: ReactNode
  children: ReactNode
}

/** The frame of every page: breadcrumb, the page's only `h1`, commands, content. */
export function Blade(props: BladeProps) {
  const styles = useStyles()
  return (
    <div className={styles.blade}>
      <header className={styles.header}>
        {props.breadcrumb && <Breadcrumb trail={props.breadcrumb} current={props.title} />}
        <div className={styles.titles}>
          {props.icon && (
            <span className={styles.icon} aria-hidden="true">
              {props.icon}
            </span>
          )}
          <div>
            <h1 className={styles.title}>{props.title}</h1>
            {props.subtitle && <div className={styles.subtitle}>{props.subtitle}</div>}
          </div>
          {props.badge && <span className={styles.badge}>{props.badge}</span>}
        </div>
        {props.commands && <div className={styles.commands}>{props.commands}</div>}
      </header>
      {props.children}
    </div>
  )
}

function Breadcrumb({ trail, current }: { trail: Crumb[]; current: string }) {
  const styles = useStyles()
  return (
    <nav aria-label="Breadcrumb">
      <ol className={styles.trail}>
        {trail.map((crumb) => (
          <li key={crumb.href} className={styles.crumb}>
            <AppLink href={crumb.href}>{crumb.label}</AppLink>
            <ChevronRight12Regular aria-hidden="true" />
          </li>
        ))}
        <li aria-current="page" className={styles.crumb}>
          {current}
        </li>
      </ol>
    </nav>
  )
}
