'use client'
import { Button, type ButtonProps, Tooltip } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import type { Permission } from '@/server/identity/contract'

export type PermissionButtonProps = {
  children: ReactNode
  /** Whether the signed-in person may; when not, the button is disabled and says which role is missing. */
  permission?: Permission
  /** Any other reason to be disabled, in words for the user: "The server is being updated." */
  disabledReason?: string | null
  onClick?: () => void
  icon?: ButtonProps['icon']
  appearance?: ButtonProps['appearance']
  size?: ButtonProps['size']
  type?: 'button' | 'submit'
  /** For a button that is one of several choices: whether it is the chosen one. */
  'aria-pressed'?: boolean
  className?: string
}

/** A button that is never silently disabled: it stays in the tab order and explains itself. */
export function PermissionButton(props: PermissionButtonProps) {
  const { permission, disabledReason, type = 'button', ...button } = props
  const reason = disabledReason || (permission && !permission.allowed ? permission.reason : null)
  if (!reason) return <Button type={type} {...button} />
  return (
    <Tooltip content={reason} relationship="description" withArrow>
      <Button type="button" {...button} onClick={undefined} disabledFocusable />
    </Tooltip>
  )
}
