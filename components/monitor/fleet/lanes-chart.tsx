'use client'
import Link from 'next/link'
import type { Ref } from 'react'
import { paths } from '@/components/portal/paths'
import { instantText, spanText } from '@/components/portal/time-text'
import type { LaneMarker, LaneSegment, SwimlanesView } from '@/server/monitor/contract/fleet'
import { clusterMarkers, type MarkerCluster, type TimeScale, ticksOf, xOf } from './lanes-layout'
import { lookOf } from './looks'
import type { Palette } from './tile-paint'

const LANE = 26
const TOP = 62
const LABEL = 190
const DAY_MS = 86_400_000

/** Points of a shape around the origin; each kind of event has its own. */
const SHAPES: Record<LaneMarker['kind'], string> = {
  key: '0,-7 7,0 0,7 -7,0',
  role: '-6,-6 6,-6 6,6 -6,6',
  vault: '0,-7 7,6 -7,6',
  identity: '-3,-7 3,-7 7,0 3,7 -3,7 -7,0',
  network: '0,7 7,-6 -7,-6',
  health: '-2,-7 2,-7 2,-2 7,-2 7,2 2,2 2,7 -2,7 -2,2 -7,2 -7,-2 -2,-2',
}

/** A lane a server on the clock's axis. Its colours are values, so that it can be exported as it stands. */
export function LanesChart(props: { view: SwimlanesView; width: number; colors: Palette; ref: Ref<SVGSVGElement> }) {
  const { view, width, colors } = props
  const scale: TimeScale = { fromMs: view.fromMs, toMs: view.toMs, left: LABEL, width: width - LABEL - 16 }
  const height = TOP + view.lanes.length * LANE + 8
  const long = view.toMs - view.fromMs > 2 * DAY_MS
  return (
    <svg
      ref={props.ref}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      fontFamily="'Segoe UI', system-ui, sans-serif"
      fontSize="12"
      style={{ display: 'block' }}
    >
      <title>States of servers over time; the table below says the same in words</title>
      <defs>
        <pattern id="fallen-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="6" height="6" fill={colors.fallen} />
          <line x1="0" y1="0" x2="0" y2="6" stroke={colors.onFallen} strokeWidth="1.2" opacity="0.5" />
        </pattern>
      </defs>
      {ticksOf(scale).map((at) => (
        <g key={at}>
          <line x1={xOf(scale, at)} x2={xOf(scale, at)} y1={22} y2={height - 6} stroke={colors.line} />
          <text x={xOf(scale, at)} y={15} textAnchor="middle" fill={colors.muted}>
            {long
              ? instantText(at)
                  .replace(/ \d{4}, 00:00$/, '')
                  .replace(/ \d{4},/, '')
              : instantText(at).slice(-5)}
          </text>
        </g>
      ))}
      <text x={8} y={15} fill={colors.muted}>
        UTC, virtual time
      </text>
      <text x={8} y={46} fill={colors.text}>
        Key events
      </text>
      {clusterMarkers(view.markers, scale).map((cluster) => (
        <Marker key={cluster.markers[0]!.atMs} cluster={cluster} bottom={height - 6} colors={colors} />
      ))}
      {view.lanes.map((lane, i) => (
        <g key={lane.server} transform={`translate(0 ${TOP + i * LANE})`}>
          <Link href={paths.server(lane.server)}>
            <text x={8} y={17} fill={colors.text} fontWeight="600" textDecoration="underline">
              {lane.server.length > 24 ? `${lane.server.slice(0, 23)}…` : lane.server}
              <title>{lane.server}</title>
            </text>
          </Link>
          {lane.segments.map((segment) => (
            <Segment key={segment.fromMs} segment={segment} scale={scale} colors={colors} />
          ))}
        </g>
      ))}
    </svg>
  )
}

/** A fallen server's bar is thick and hatched, a working one's thin: the eye finds it without the colour. */
function Segment({ segment, scale, colors }: { segment: LaneSegment; scale: TimeScale; colors: Palette }) {
  const look = lookOf(segment.state, false)
  const x = xOf(scale, segment.fromMs)
  const width = Math.max(2, xOf(scale, segment.toMs) - x)
  const [y, height] = look === 'fallen' ? [3, 20] : look === 'ready' ? [10, 6] : [8, 10]
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      rx="2"
      fill={look === 'fallen' ? 'url(#fallen-hatch)' : colors[look]}
    >
      <title>
        {`${segment.state}: ${segment.title}. From ${instantText(segment.fromMs)} UTC, ${spanText(segment.toMs - segment.fromMs)}`}
      </title>
    </rect>
  )
}

function Marker({ cluster, bottom, colors }: { cluster: MarkerCluster; bottom: number; colors: Palette }) {
  const { x, kind, markers } = cluster
  return (
    <g>
      <line x1={x} x2={x} y1={50} y2={bottom} stroke={colors.moving} strokeDasharray="2 3" opacity="0.6" />
      <polygon points={SHAPES[kind]} transform={`translate(${x} 42)`} fill={colors.moving} />
      {markers.length > 1 && (
        <text x={x + 9} y={38} fill={colors.text} fontSize="10">
          {markers.length}
        </text>
      )}
      <title>{markers.map((m) => `${instantText(m.atMs, true)} UTC: ${m.title}`).join('\n')}</title>
    </g>
  )
}
