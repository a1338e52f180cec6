'use client'
import { Button } from '@fluentui/react-components'
import { PermissionButton, type PermissionButtonProps } from './permission-button'

type SubmitProps = Omit<PermissionButtonProps, 'appearance'>

/** What a pane does, under its own name, beside Cancel. */
export function PaneFooter({ onClose, ...submit }: SubmitProps & { onClose: () => void }) {
  return (
    <>
      <PermissionButton appearance="primary" {...submit} />
      <Button onClick={onClose}>Cancel</Button>
    </>
  )
}
