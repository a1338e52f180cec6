'use client'
import { FullScreenMaximizeRegular } from '@fluentui/react-icons/svg/full-screen-maximize'
import { FullScreenMinimizeRegular } from '@fluentui/react-icons/svg/full-screen-minimize'
import { HeartPulseRegular } from '@fluentui/react-icons/svg/heart-pulse'
import { TimerRegular } from '@fluentui/react-icons/svg/timer'
import { paths } from '@/components/portal/paths'
import { Blade } from '@/components/ui/blade'
import { Command, CommandBar, CommandLink } from '@/components/ui/command-bar'
import { SectionNav } from '@/components/ui/section-nav'
import { useUrlState } from '@/components/ui/use-url-state'
import { CheckCommand } from './check-fleet'
import { ChainView } from './fleet/chain-view'
import { GridView } from './fleet/grid-view'
import { HorizonPage } from './fleet/horizon-view'
import { ImpactPage } from './fleet/impact-view'
import { FleetTable } from './fleet/table-view'
import { TimelineView } from './fleet/timeline-view'
import { FLEET_VIEWS, type FleetViewName, VIEW_LABELS, viewOf } from './fleet/views'
import { KeyChecksPane } from './key-checks-pane'

const VIEWS: Record<FleetViewName, () => React.ReactNode> = {
  table: () => <FleetTable />,
  grid: () => <GridView />,
  timeline: () => <TimelineView />,
  expiry: () => <HorizonPage />,
  chain: () => <ChainView />,
  impact: () => <ImpactPage />,
}

/** Whether each server reaches its key, from six sides; `view` of the address chooses, `wall` leaves the frame away. */
export function FleetPage() {
  const [params, change] = useUrlState()
  const view = viewOf(params.get('view'))
  const wall = params.get('wall') === '1'
  const hrefOf = (name: FleetViewName, onWall = wall) =>
    paths.fleet({ view: name === 'table' ? undefined : name, wall: onWall ? '1' : undefined })
  return (
    <Blade
      title="Fleet health"
      subtitle={wall ? undefined : 'Whether each server reaches the key that its data depends on'}
      icon={<HeartPulseRegular />}
      breadcrumb={wall ? undefined : [{ label: 'Home', href: paths.home() }]}
      badge={wall && <WallSwitch href={hrefOf(view, false)} wall />}
      commands={
        !wall && (
          <CommandBar>
            <CheckCommand on={{}} label="Check all now" />
            <Command icon={<TimerRegular />} onClick={() => change({ pane: 'checks' })}>
              Key checks
            </Command>
            <WallSwitch href={hrefOf(view, true)} wall={false} />
          </CommandBar>
        )
      }
    >
      {!wall && (
        <SectionNav
          label="Views of the fleet"
          sections={FLEET_VIEWS.map((name) => ({
            label: VIEW_LABELS[name],
            href: hrefOf(name),
            current: name === view,
          }))}
        />
      )}
      {VIEWS[view]()}
      <KeyChecksPane open={params.get('pane') === 'checks'} onClose={() => change({ pane: null })} />
    </Blade>
  )
}

function WallSwitch({ href, wall }: { href: string; wall: boolean }) {
  return (
    <CommandLink href={href} icon={wall ? <FullScreenMinimizeRegular /> : <FullScreenMaximizeRegular />}>
      {wall ? 'Leave the wall' : 'Wall mode'}
    </CommandLink>
  )
}
