'use client'
import { makeStyles, Toolbar, ToolbarDivider, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { ButtonLink } from './button-link'
import { PermissionButton, type PermissionButtonProps } from './permission-button'

const useStyles = makeStyles({
  bar: {
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalXXS,
    paddingLeft: 0,
    paddingRight: 0,
    marginLeft: `calc(-1 * ${tokens.spacingHorizontalS})`,
  },
})

/** The row of commands under a blade's title. Arrow keys move within it; Tab leaves it. */
export function CommandBar({ children, label = 'Commands' }: { children: ReactNode; label?: string }) {
  const styles = useStyles()
  return (
    <Toolbar aria-label={label} size="small" className={styles.bar}>
      {children}
    </Toolbar>
  )
}

/** A command; see `PermissionButton` for `permission` and `disabledReason`. */
export function Command(props: Omit<PermissionButtonProps, 'appearance' | 'size'>) {
  return <PermissionButton appearance="subtle" size="small" {...props} />
}

/** A command that leads to another page. */
export function CommandLink(props: { href: string; icon?: PermissionButtonProps['icon']; children: ReactNode }) {
  return <ButtonLink appearance="subtle" size="small" {...props} />
}

export const CommandDivider = ToolbarDivider
