'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { CircleRegular } from '@fluentui/react-icons/svg/circle'
import { DismissCircleFilled } from '@fluentui/react-icons/svg/dismiss-circle'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { BrokenLink } from '@/components/postgres/server/broken-link'
import { serverQuery } from '@/components/postgres/server/server-query'
import { AppLink } from '@/components/ui/app-link'
import { Loaded } from '@/components/ui/loaded'
import { Section } from '@/components/ui/section'
import { StateBadge } from '@/components/ui/state-badge'
import { EmptyState } from '@/components/ui/states'
import { StatusPill, type Tone } from '@/components/ui/status-pill'
import { useUrlState } from '@/components/ui/use-url-state'
import type { FleetTilesView } from '@/server/monitor/contract/fleet'
import type { ServerPage } from '@/server/queries/servers'
import { type ChainNode, chainNodes } from './chain-nodes'
import { Choice } from './choice'
import { tilesQuery } from './fleet-queries'
import { groupTiles, toTiles } from './tile-groups'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, minWidth: 0 },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  chain: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(210px, 1fr))',
    gap: '28px',
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  node: {
    position: 'relative',
    display: 'flex',
    flexDirection: 'column',
    rowGap: tokens.spacingVerticalXS,
    padding: tokens.spacingHorizontalM,
    border: `2px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    fontSize: tokens.fontSizeBase200,
    ':not(:last-child)::after': {
      content: '"→"',
      position: 'absolute',
      right: '-25px',
      top: '40%',
      fontSize: '20px',
      color: tokens.colorNeutralForeground3,
    },
  },
  broken: {
    border: `3px solid ${tokens.colorStatusDangerBorder2}`,
    backgroundColor: tokens.colorStatusDangerBackground1,
    color: tokens.colorNeutralForeground1,
    ':not(:last-child)::after': { content: '"⇢"', color: tokens.colorStatusDangerForeground1 },
  },
  untested: {
    borderTopStyle: 'dashed',
    borderRightStyle: 'dashed',
    borderBottomStyle: 'dashed',
    borderLeftStyle: 'dashed',
  },
  value: { fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase300, overflowWrap: 'anywhere' },
})

const LOOKS: Record<ChainNode['status'], [Tone, ReactNode, string]> = {
  ok: ['success', <CheckmarkCircleFilled key="i" />, 'works'],
  broken: ['danger', <DismissCircleFilled key="i" />, 'broken'],
  untested: ['neutral', <CircleRegular key="i" />, 'not tested'],
}

/** The way of one server to its data key; the fallen ones are offered first. */
export function ChainView() {
  const styles = useStyles()
  const query = useQuery(tilesQuery(null))
  return (
    <div className={styles.root}>
      <Loaded query={query} label="the fleet">
        {(view) => <Chosen view={view} />}
      </Loaded>
    </div>
  )
}

function Chosen({ view }: { view: FleetTilesView }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const tiles = groupTiles(toTiles(view, new Map()), 'none')[0]?.tiles ?? []
  const name = params.get('server') ?? tiles.find((t) => t.key)?.name ?? tiles[0]?.name
  if (!name) return <EmptyState title="No server to look at" />
  return (
    <>
      <div className={styles.tools}>
        <Choice
          label="Server"
          value={name}
          options={tiles.map((t) => ({ value: t.name, label: t.look === 'ready' ? t.name : `${t.name} (${t.state})` }))}
          onChange={(server) => change({ server })}
        />
      </div>
      <Chain name={name} />
    </>
  )
}

function Chain({ name }: { name: string }) {
  const query = useQuery(serverQuery(name))
  return (
    <Loaded query={query} label={`the chain of ${name}`}>
      {(page) => <Nodes page={page} />}
    </Loaded>
  )
}

function Nodes({ page }: { page: ServerPage }) {
  const styles = useStyles()
  const { server, broken } = page
  return (
    <>
      <Section title={`From ${server.name} to its data key`} aside={<StateBadge state={server.state} />}>
        <ol className={styles.chain} aria-label="Chain from server to data key">
          {chainNodes(page).map((node) => (
            <Node key={node.id} node={node} />
          ))}
        </ol>
      </Section>
      {broken && (
        <Section title="The first broken link">
          <BrokenLink serverName={server.name} broken={broken} />
        </Section>
      )}
    </>
  )
}

function Node({ node }: { node: ChainNode }) {
  const styles = useStyles()
  const [tone, icon, word] = LOOKS[node.status]
  return (
    <li
      className={mergeClasses(
        styles.node,
        node.status === 'broken' && styles.broken,
        node.status === 'untested' && styles.untested,
      )}
    >
      <StatusPill tone={tone} icon={icon}>
        {node.label}: {word}
      </StatusPill>
      <span className={styles.value}>{node.href ? <AppLink href={node.href}>{node.value}</AppLink> : node.value}</span>
      <span>{node.needs}</span>
      <span>
        <strong>{node.status === 'broken' ? 'Mend it: ' : 'If it breaks: '}</strong>
        {node.fix}
      </span>
    </li>
  )
}
