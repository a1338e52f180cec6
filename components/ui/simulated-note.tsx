'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { BeakerRegular } from '@fluentui/react-icons/svg/beaker'
import type { ReactNode } from 'react'

const useStyles = makeStyles({
  note: {
    display: 'flex',
    columnGap: tokens.spacingHorizontalS,
    alignItems: 'flex-start',
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    borderLeft: `3px solid ${tokens.colorBrandStroke1}`,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    color: tokens.colorNeutralForeground2,
  },
  icon: { flexShrink: 0, fontSize: '16px', color: tokens.colorBrandForeground1 },
})

/** Says plainly where the simulation differs from Azure. */
export function SimulatedNote({ children }: { children: ReactNode }) {
  const styles = useStyles()
  return (
    <div className={styles.note} role="note">
      <BeakerRegular className={styles.icon} aria-hidden="true" />
      <span>
        <strong>Simulated:</strong> {children}
      </span>
    </div>
  )
}
