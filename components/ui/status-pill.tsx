'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'

export type Tone = 'success' | 'danger' | 'warning' | 'progress' | 'neutral'

const useStyles = makeStyles({
  pill: {
    display: 'inline-flex',
    alignItems: 'center',
    verticalAlign: 'middle',
    columnGap: tokens.spacingHorizontalXS,
    whiteSpace: 'nowrap',
    fontSize: tokens.fontSizeBase300,
    '& svg': { fontSize: '16px', flexShrink: 0 },
  },
  success: { '& svg': { color: tokens.colorStatusSuccessForeground1 } },
  danger: { '& svg': { color: tokens.colorStatusDangerForeground1 } },
  warning: { '& svg': { color: tokens.colorStatusWarningForeground3 } },
  progress: { '& svg': { color: tokens.colorBrandForeground1 } },
  neutral: { '& svg': { color: tokens.colorNeutralForeground3 } },
})

/** An icon in the colour of its meaning beside a word: never colour alone. */
export function StatusPill(props: { tone: Tone; icon: ReactNode; children: ReactNode }) {
  const styles = useStyles()
  return (
    <span className={mergeClasses(styles.pill, styles[props.tone])}>
      <span aria-hidden="true" style={{ display: 'inline-flex' }}>
        {props.icon}
      </span>
      {props.children}
    </span>
  )
}
