'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { useRouter } from 'next/navigation'
import { type KeyboardEvent, type MouseEvent, useCallback, useEffect, useId, useRef, useState } from 'react'
import { instantText } from '@/components/portal/time-text'
import { useTheme } from '@/components/ui/theme-context'
import { LOOK_WORDS } from './looks'
import type { Tile } from './tile-groups'
import { placeOf, step, type TileLayout, tileAt } from './tile-layout'
import { paintGrid, paletteOf } from './tile-paint'
import { TileTip } from './tile-tip'

const useStyles = makeStyles({
  frame: {
    position: 'relative',
    overflowY: 'auto',
    overflowX: 'hidden',
    borderRadius: tokens.borderRadiusMedium,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '2px' },
  },
  canvas: { position: 'sticky', top: 0, left: 0, display: 'block' },
  // Read aloud, not seen: what is seen is drawn.
  option: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
})

export const tileText = (tile: Tile): string =>
  [
    tile.name,
    tile.look === 'danger' ? `${tile.state}, ${LOOK_WORDS.danger.toLowerCase()}` : tile.state,
    tile.cause,
    `since ${instantText(tile.sinceMs)} UTC`,
  ]
    .filter(Boolean)
    .join(', ')

/**
 * The grid on one canvas of the size of what is seen. For keyboards and screen readers it is a list whose chosen entry
 * alone exists: ten thousand elements would make the page slow for everyone.
 */
export function TileCanvas(props: {
  layout: TileLayout
  height: number
  label: string
  hrefOf: (tile: Tile) => string
}) {
  const styles = useStyles()
  const router = useRouter()
  const id = useId()
  const colors = paletteOf(useTheme().name)
  const { layout, height, hrefOf } = props
  const frame = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [active, setActive] = useState(0)
  const [shown, setShown] = useState<{ index: number; by: 'pointer' | 'keyboard' } | null>(null)
  const current = Math.min(active, Math.max(0, layout.tiles.length - 1))
  const marked = shown && layout.tiles[shown.index] ? shown.index : null

  const paint = useCallback(() => {
    const [surface, box] = [canvas.current, frame.current]
    const pen = surface?.getContext('2d')
    if (!surface || !box || !pen) return
    const [width, ratio] = [box.clientWidth, window.devicePixelRatio || 1]
    const seen = box.clientHeight
    if (surface.width !== Math.round(width * ratio) || surface.height !== Math.round(seen * ratio)) {
      surface.width = Math.round(width * ratio)
      surface.height = Math.round(seen * ratio)
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0)
    paintGrid(pen, { layout, colors, scrollTop: box.scrollTop, width, height: seen, active: marked })
  }, [layout, colors, marked])
  useEffect(paint)

  const pending = useRef(0)
  const repaint = () => {
    cancelAnimationFrame(pending.current)
    pending.current = requestAnimationFrame(paint)
  }
  const hit = (event: MouseEvent) => {
    const box = frame.current!
    const at = box.getBoundingClientRect()
    return tileAt(layout, event.clientX - at.left, event.clientY - at.top + box.scrollTop)
  }
  const open = (index: number, newTab: boolean) => {
    const tile = layout.tiles[index]
    if (!tile) return
    if (newTab) window.open(hrefOf(tile), '_blank', 'noopener')
    else router.push(hrefOf(tile))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      open(current, event.ctrlKey || event.metaKey)
      return
    }
    if (event.key === 'Escape') setShown(null)
    const next = step(layout, current, event.key)
    if (next === null) return
    event.preventDefault()
    setActive(next)
    setShown({ index: next, by: 'keyboard' })
    const box = frame.current!
    const { y } = placeOf(layout, next)
    if (y < box.scrollTop) box.scrollTop = y
    else if (y + layout.size.height > box.scrollTop + box.clientHeight)
      box.scrollTop = y + layout.size.height - box.clientHeight
  }
  const tile = layout.tiles[current]
  const tipped = marked === null ? undefined : layout.tiles[marked]
  return (
    <div style={{ position: 'relative' }}>
      <div
        ref={frame}
        role="listbox"
        tabIndex={0}
        aria-label={props.label}
        aria-activedescendant={tile ? `${id}-option` : undefined}
        className={styles.frame}
        style={{ height }}
        onScroll={repaint}
        onKeyDown={onKeyDown}
        onFocus={() =>
          !shown && frame.current?.matches(':focus-visible') && setShown({ index: current, by: 'keyboard' })
        }
        onBlur={() => setShown(null)}
        onMouseMove={(event) => {
          const index = hit(event)
          if (index === null) setShown(null)
          else if (index !== shown?.index) setShown({ index, by: 'pointer' })
        }}
        onMouseLeave={() => setShown((s) => (s?.by === 'pointer' ? null : s))}
        onClick={(event) => {
          const index = hit(event)
          if (index !== null) open(index, event.ctrlKey || event.metaKey)
        }}
      >
        <div aria-hidden="true" style={{ height: Math.max(height, layout.height) }}>
          <canvas ref={canvas} className={styles.canvas} style={{ width: '100%', height }} />
        </div>
        {tile && (
          <div
            id={`${id}-option`}
            role="option"
            aria-selected="true"
            aria-setsize={layout.tiles.length}
            aria-posinset={current + 1}
            tabIndex={-1}
            className={styles.option}
            style={{ top: 0 }}
          >
            {tileText(tile)}
          </div>
        )}
      </div>
      {tipped && marked !== null && (
        <TileTip tile={tipped} at={placeOf(layout, marked)} size={layout.size} frame={frame.current} />
      )}
    </div>
  )
}
