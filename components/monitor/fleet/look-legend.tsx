'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { useEffect, useRef } from 'react'
import { useTheme } from '@/components/ui/theme-context'
import { LOOK_WORDS, LOOKS, type Look } from './looks'
import { paintLook, paletteOf } from './tile-paint'

const useStyles = makeStyles({
  list: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  entry: {
    display: 'flex',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM}`,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    fontFamily: 'inherit',
    fontSize: tokens.fontSizeBase300,
    cursor: 'pointer',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  chosen: { backgroundColor: tokens.colorNeutralBackground1Selected, fontWeight: tokens.fontWeightSemibold },
  count: { fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums' },
  wall: { fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700 },
})

/** How many servers look how; each is a filter. What is at zero is left out, but never what the page is for. */
export function LookLegend(props: {
  counts: Record<Look, number>
  chosen: string
  onChoose: (look: string) => void
  large?: boolean
}) {
  const styles = useStyles()
  const shown = LOOKS.filter((l) => props.counts[l] > 0 || l === 'fallen' || l === 'danger' || l === props.chosen)
  return (
    <ul className={styles.list} aria-label="Servers by state">
      {shown.map((look) => (
        <li key={look}>
          <button
            type="button"
            aria-pressed={props.chosen === look}
            className={mergeClasses(styles.entry, props.chosen === look && styles.chosen)}
            onClick={() => props.onChoose(props.chosen === look ? '' : look)}
          >
            <LookIcon look={look} size={props.large ? 28 : 14} />
            <span className={mergeClasses(styles.count, props.large && styles.wall)}>{props.counts[look]}</span>
            {LOOK_WORDS[look]}
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The very shape that the grid draws. */
export function LookIcon({ look, size = 14 }: { look: Look; size?: number }) {
  const ref = useRef<HTMLCanvasElement>(null)
  const { name } = useTheme()
  useEffect(() => {
    const pen = ref.current?.getContext('2d')
    if (!pen) return
    pen.setTransform(2, 0, 0, 2, 0, 0)
    pen.clearRect(0, 0, size, size)
    paintLook(pen, look, 1, 1, size - 2, paletteOf(name))
  }, [look, size, name])
  return (
    <span aria-hidden="true" style={{ display: 'inline-flex' }}>
      <canvas ref={ref} width={size * 2} height={size * 2} style={{ width: size, height: size }} />
    </span>
  )
}
