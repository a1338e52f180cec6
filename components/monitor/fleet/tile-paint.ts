import { THEMES, type ThemeName } from '@/components/ui/theme'
import { LOOK_WORDS, LOOKS, type Look } from './looks'
import { HEADER, placeOf, rowAt, type TileLayout } from './tile-layout'

export type Palette = Record<Look, string> & {
  background: string
  tile: string
  fallenTile: string
  text: string
  muted: string
  line: string
  focus: string
  onFallen: string
}

/** Colours as values: neither a canvas nor an exported picture knows the page's variables. */
export function paletteOf(name: ThemeName): Palette {
  const t = THEMES[name]
  return {
    ready: t.colorStatusSuccessForeground1,
    fallen: t.colorStatusDangerBackground3,
    danger: name === 'dark' ? '#faa06b' : '#bc4b09',
    leaving: t.colorNeutralForeground2,
    moving: t.colorBrandForeground1,
    idle: t.colorNeutralForeground3,
    background: t.colorNeutralBackground1,
    tile: t.colorNeutralBackground3,
    fallenTile: t.colorStatusDangerBackground1,
    text: t.colorNeutralForeground1,
    muted: t.colorNeutralForeground2,
    line: t.colorNeutralStroke2,
    focus: t.colorStrokeFocus2,
    onFallen: '#ffffff',
  }
}

type Brush = Pick<
  CanvasRenderingContext2D,
  | 'beginPath'
  | 'arc'
  | 'fill'
  | 'stroke'
  | 'moveTo'
  | 'lineTo'
  | 'closePath'
  | 'rect'
  | 'roundRect'
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
>

/** Each look has a shape of its own: colour alone tells nothing to some, and a fallen server must be the largest. */
export function paintLook(pen: Brush, look: Look, x: number, y: number, size: number, colors: Palette): void {
  const [cx, cy, r] = [x + size / 2, y + size / 2, size / 2]
  pen.fillStyle = colors[look]
  pen.strokeStyle = colors[look]
  pen.lineWidth = Math.max(1.5, size / 9)
  pen.beginPath()
  switch (look) {
    case 'fallen':
      pen.rect(x, y, size, size)
      pen.fill()
      pen.beginPath()
      pen.strokeStyle = colors.onFallen
      pen.moveTo(x + size * 0.28, y + size * 0.28)
      pen.lineTo(x + size * 0.72, y + size * 0.72)
      pen.moveTo(x + size * 0.72, y + size * 0.28)
      pen.lineTo(x + size * 0.28, y + size * 0.72)
      pen.stroke()
      return
    case 'danger':
      pen.moveTo(cx, y)
      pen.lineTo(x + size, y + size)
      pen.lineTo(x, y + size)
      pen.closePath()
      pen.fill()
      return
    case 'ready':
      pen.arc(cx, cy, r * 0.72, 0, Math.PI * 2)
      pen.fill()
      return
    case 'moving':
      pen.arc(cx, cy, r * 0.68, 0, Math.PI * 2)
      pen.stroke()
      return
    case 'idle':
      pen.rect(x + size * 0.2, y + size * 0.2, size * 0.6, size * 0.6)
      pen.stroke()
      return
    case 'leaving':
      pen.moveTo(x, y + size * 0.15)
      pen.lineTo(x + size, y + size * 0.15)
      pen.lineTo(cx, y + size)
      pen.closePath()
      pen.stroke()
  }
}

export type Paint = {
  layout: TileLayout
  colors: Palette
  /** What of the layout is seen. */
  scrollTop: number
  width: number
  height: number
  active: number | null
}

const FONT = "'Segoe UI', system-ui, -apple-system, Roboto, 'Helvetica Neue', sans-serif"

/** Draws what is seen of the grid, and nothing else: its cost does not grow with the fleet. */
export function paintGrid(pen: CanvasRenderingContext2D, { layout, colors, scrollTop, width, height, active }: Paint) {
  pen.fillStyle = colors.background
  pen.fillRect(0, 0, width, height)
  pen.textBaseline = 'middle'
  for (const { y, group } of layout.headers) {
    const top = y - scrollTop
    if (top > height || top + HEADER < 0) continue
    pen.font = `600 13px ${FONT}`
    pen.fillStyle = colors.text
    pen.fillText(group.label, 2, top + HEADER / 2)
    const after = pen.measureText(group.label).width + 14
    pen.font = `12px ${FONT}`
    pen.fillStyle = colors.muted
    const counts = LOOKS.filter((l) => group.counts[l] > 0).map((l) => `${group.counts[l]} ${LOOK_WORDS[l]}`)
    pen.fillText(counts.join(' · '), after, top + HEADER / 2)
  }
  for (let i = rowAt(layout, scrollTop); i < layout.rows.length; i++) {
    const row = layout.rows[i]!
    const top = row.y - scrollTop
    if (top > height) break
    for (let c = 0; c < row.count; c++) paintTile(pen, layout, colors, row.first + c, c * layout.size.width, top)
  }
  if (active !== null && layout.tiles[active]) {
    const at = placeOf(layout, active)
    pen.strokeStyle = colors.focus
    pen.lineWidth = 2
    pen.strokeRect(at.x + 1, at.y - scrollTop + 1, layout.size.width - 3, layout.size.height - 3)
  }
}

function paintTile(
  pen: CanvasRenderingContext2D,
  layout: TileLayout,
  colors: Palette,
  index: number,
  x: number,
  y: number,
): void {
  const tile = layout.tiles[index]!
  const { width, height, named } = layout.size
  if (!named) {
    const gap = width > 20 ? 3 : 2
    paintLook(pen, tile.look, x + gap, y + gap, width - gap * 2, colors)
    return
  }
  pen.fillStyle = tile.look === 'fallen' ? colors.fallenTile : colors.tile
  pen.beginPath()
  pen.roundRect(x + 2, y + 2, width - 6, height - 6, 6)
  pen.fill()
  paintLook(pen, tile.look, x + 12, y + height / 2 - 9, 18, colors)
  pen.fillStyle = colors.text
  pen.font = `600 13px ${FONT}`
  pen.fillText(cut(pen, tile.name, width - 52), x + 40, y + height / 2 - 9)
  pen.fillStyle = colors.muted
  pen.font = `12px ${FONT}`
  pen.fillText(cut(pen, tile.cause ?? tile.state, width - 52), x + 40, y + height / 2 + 9)
}

function cut(pen: CanvasRenderingContext2D, text: string, width: number): string {
  if (pen.measureText(text).width <= width) return text
  let end = text.length
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end--
  return `${text.slice(0, end)}…`
}
