'use client'
import {
  Button,
  DrawerBody,
  DrawerFooter,
  DrawerHeader,
  DrawerHeaderTitle,
  makeStyles,
  OverlayDrawer,
  tokens,
} from '@fluentui/react-components'
import { DismissRegular } from '@fluentui/react-icons/svg/dismiss'
import { type ReactNode, useEffect, useRef } from 'react'
import { useMounted } from './use-mounted'

const useStyles = makeStyles({
  drawer: { maxWidth: '100vw' },
  body: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: tokens.spacingVerticalL,
    paddingBottom: '16px',
    // The pane scrolls; a list with a scroll bar of its own would else be squeezed to nothing.
    '& > *': { flexShrink: 0 },
  },
  footer: { borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
})

export type PaneProps = {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  /** Buttons, the primary one first. */
  footer?: ReactNode
  size?: 'small' | 'medium' | 'large'
  /** `start` for a menu. */
  position?: 'start' | 'end'
}

/** A pane that slides in from the right over the page; Escape closes it and focus returns to where it was. */
export function Pane(props: PaneProps) {
  const styles = useStyles()
  // A link may open a pane at once, yet overlays exist in the browser only.
  const mounted = useMounted()
  useFocusReturn(props.open)
  return (
    <OverlayDrawer
      position={props.position ?? 'end'}
      size={props.size ?? 'medium'}
      className={styles.drawer}
      open={props.open && mounted}
      onOpenChange={(_, data) => !data.open && props.onClose()}
      aria-label={props.title}
    >
      <DrawerHeader>
        <DrawerHeaderTitle
          heading={{ as: 'h2' }}
          action={<Button appearance="subtle" aria-label="Close" icon={<DismissRegular />} onClick={props.onClose} />}
        >
          {props.title}
        </DrawerHeaderTitle>
      </DrawerHeader>
      <DrawerBody tabIndex={0} className={styles.body}>
        {props.children}
      </DrawerBody>
      {props.footer && <DrawerFooter className={styles.footer}>{props.footer}</DrawerFooter>}
    </OverlayDrawer>
  )
}

/** The drawer gives focus back to marked elements only; a pane may be opened by any. */
function useFocusReturn(open: boolean): void {
  const opener = useRef<Element | null>(null)
  const wasOpen = useRef(false)
  // Read while rendering: once the drawer is there it has taken the focus.
  if (open && !wasOpen.current && typeof document !== 'undefined') opener.current = document.activeElement
  useEffect(() => {
    if (wasOpen.current && !open && opener.current instanceof HTMLElement && opener.current.isConnected)
      opener.current.focus()
    wasOpen.current = open
  }, [open])
}
