'use client'
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Spinner,
  tokens,
} from '@fluentui/react-components'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { useMounted } from './use-mounted'

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
  danger: {
    backgroundColor: tokens.colorStatusDangerBackground3,
    color: tokens.colorNeutralForegroundOnBrand,
    ':hover': {
      backgroundColor: tokens.colorStatusDangerBackground3Hover,
      color: tokens.colorNeutralForegroundOnBrand,
    },
    ':hover:active': {
      backgroundColor: tokens.colorStatusDangerBackground3Pressed,
      color: tokens.colorNeutralForegroundOnBrand,
    },
  },
})

export type ConfirmDialogProps = {
  open: boolean
  onClose: () => void
  title: string
  /** What will happen, in plain words: consequences first. */
  children: ReactNode
  /** A verb: "Delete", "Disable". */
  confirmLabel: string
  onConfirm: () => void
  /** For what cannot be undone: the person must type this name. */
  typeToConfirm?: string
  /** Colours the button as dangerous. Implied by `typeToConfirm`. */
  danger?: boolean
  busy?: boolean
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const styles = useStyles()
  const { open, onClose, typeToConfirm: name, busy } = props
  const mounted = useMounted()
  const [typed, setTyped] = useState('')
  useEffect(() => {
    if (open) setTyped('')
  }, [open])
  const ready = !busy && (!name || typed === name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready) props.onConfirm()
  }
  return (
    <Dialog
      open={open && mounted}
      onOpenChange={(_, data) => !data.open && onClose()}
      modalType={name ? 'alert' : 'modal'}
    >
      <DialogSurface>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>{props.title}</DialogTitle>
            <DialogContent className={styles.content}>
              {props.children}
              {name && (
                <Field label={`Type "${name}" to confirm`} required>
                  <Input value={typed} onChange={(_, data) => setTyped(data.value)} autoComplete="off" />
                </Field>
              )}
            </DialogContent>
            <DialogActions>
              <Button
                type="submit"
                appearance="primary"
                className={(props.danger || name) && ready ? styles.danger : undefined}
                disabledFocusable={!ready}
                icon={busy ? <Spinner size="tiny" /> : undefined}
              >
                {props.confirmLabel}
              </Button>
              <Button onClick={onClose}>Cancel</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
