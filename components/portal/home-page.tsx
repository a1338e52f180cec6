'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { AddCircleRegular } from '@fluentui/react-icons/svg/add-circle'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { fleetQuery } from '@/components/monitor/fleet-query'
import { StateTiles } from '@/components/monitor/state-tiles'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { Panel, Section } from '@/components/ui/section'
import { EmptyState, ErrorState, PageSkeleton } from '@/components/ui/states'
import { errorText } from './api'
import { RelativeTime } from './instant'
import { paths } from './paths'
import { KIND_ICONS, KIND_LABELS } from './resource-kinds'
import { ResourceState } from './resource-state'
import { ResourceName } from './resources-page'
import { roleOf } from './role-of'
import { resourcesQuery, sessionQuery } from './shell-query'
import { Story } from './story'

const RECENT = 8

const useStyles = makeStyles({
  columns: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 3fr) minmax(280px, 2fr)',
    gap: tokens.spacingHorizontalXXL,
    alignItems: 'start',
    '@media (max-width: 1000px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  column: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXXL, minWidth: 0 },
  tiles: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(190px, 100%), 1fr))',
    gap: tokens.spacingHorizontalM,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  tile: {
    display: 'grid',
    gridTemplateColumns: 'auto minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalM,
    alignItems: 'center',
    minHeight: '64px',
    height: '100%',
    boxSizing: 'border-box',
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  tileIcon: { display: 'flex', fontSize: '24px', color: tokens.colorBrandForeground1 },
  tileTitle: { fontWeight: tokens.fontWeightSemibold },
  muted: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  recent: { listStyleType: 'none', margin: 0, padding: 0 },
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 1.4fr) minmax(90px, auto)',
    columnGap: tokens.spacingHorizontalL,
    alignItems: 'center',
    minHeight: '38px',
    ':not(:last-child)': { borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
    '@media (max-width: 600px)': { gridTemplateColumns: 'minmax(0, 1fr) auto' },
  },
  wide: { '@media (max-width: 600px)': { display: 'none' } },
  end: { textAlign: 'right' },
})

export function HomePage() {
  const styles = useStyles()
  const { data: session } = useQuery(sessionQuery)
  return (
    <Blade
      title={`Welcome, ${session?.persona.displayName ?? ''}`}
      subtitle={
        session && `${roleOf(session.persona)} at ${session.tenantName}. A simulation: nothing here is in Azure.`
      }
    >
      <div className={styles.columns}>
        <div className={styles.column}>
          <Section title="Start">
            <ul className={styles.tiles}>
              <Tile
                href={paths.createPostgres()}
                icon={<AddCircleRegular />}
                title="Create a server"
                text="PostgreSQL flexible server"
              />
              <Tile href={paths.vaults()} icon={KIND_ICONS.vault} title="Keys" text="Vaults and what they guard" />
              <Tile
                href={paths.identities()}
                icon={KIND_ICONS.identity}
                title="Identities"
                text="Who may use which key"
              />
            </ul>
          </Section>
          <FleetSummary />
          <RecentResources />
        </div>
        <div className={styles.column} id="story">
          <Section title="What to try: five minutes">
            <Panel>
              <Story />
            </Panel>
          </Section>
        </div>
      </div>
    </Blade>
  )
}

function Tile(props: { href: string; icon: ReactNode; title: string; text: string }) {
  const styles = useStyles()
  return (
    <li>
      <Link href={props.href} className={styles.tile}>
        <span className={styles.tileIcon} aria-hidden="true">
          {props.icon}
        </span>
        <span>
          <span className={styles.tileTitle}>{props.title}</span>
          <br />
          <span className={styles.muted}>{props.text}</span>
        </span>
      </Link>
    </li>
  )
}

function FleetSummary() {
  const { data, error, refetch } = useQuery(fleetQuery)
  return (
    <Section title="Fleet health" aside={<AppLink href={paths.fleet()}>All servers</AppLink>}>
      {data ? (
        <StateTiles counts={data.counts} hrefOf={(s) => paths.fleet({ state: s ?? undefined })} />
      ) : error ? (
        <ErrorState message={errorText(error)!} onRetry={() => void refetch()} />
      ) : (
        <PageSkeleton lines={3} label="Loading fleet health" />
      )}
    </Section>
  )
}

function RecentResources() {
  const styles = useStyles()
  const { data, error, refetch } = useQuery(resourcesQuery)
  return (
    <Section title="Recent resources" aside={<AppLink href={paths.resources()}>All resources</AppLink>}>
      {data && data.length > 0 && (
        <ul className={styles.recent}>
          {data.slice(0, RECENT).map((resource) => (
            <li key={resource.id} className={styles.row}>
              <div>
                <ResourceName resource={resource} />
              </div>
              <span className={styles.wide}>
                {resource.state ? (
                  <ResourceState resource={resource} />
                ) : (
                  <span className={styles.muted}>{KIND_LABELS[resource.kind]}</span>
                )}
              </span>
              <span className={`${styles.muted} ${styles.end}`}>
                <RelativeTime at={resource.createdAt} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {data?.length === 0 && (
        <EmptyState title="Nothing here yet" text="Create a server, or act as another person who may see more." />
      )}
      {!data && error && <ErrorState message={errorText(error)!} onRetry={() => void refetch()} />}
      {!data && !error && <PageSkeleton label="Loading resources" />}
    </Section>
  )
}
