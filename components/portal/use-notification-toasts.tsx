'use client'
import { Toast, ToastBody, ToastTitle, useToastController } from '@fluentui/react-components'
import { useEffect, useRef } from 'react'
import { TOASTER_ID } from '@/components/ui/toaster-id'
import type { BellItem } from '@/server/monitor/contract'

const AT_ONCE = 3
const SHOWN_MS = 8_000

/** What deserves to be shown unasked: trouble, and the end of a long operation. */
const deservesToast = (item: BellItem): boolean =>
  item.kind === 'warning' || item.kind === 'error' || (item.kind === 'success' && item.operationId !== null)

/** Shows a toast for what arrives while the page is open; what was there before it opened stays in the bell. */
export function useNotificationToasts(items: BellItem[]): void {
  const { dispatchToast } = useToastController(TOASTER_ID)
  const known = useRef<Set<string> | null>(null)
  useEffect(() => {
    const before = known.current
    known.current = new Set(items.map((i) => i.id))
    if (!before) return
    const fresh = items.filter((i) => i.unread && !before.has(i.id) && deservesToast(i)).slice(0, AT_ONCE)
    for (const item of fresh) {
      const content = (
        <Toast>
          <ToastTitle>{item.title}</ToastTitle>
          <ToastBody>{item.text}</ToastBody>
        </Toast>
      )
      const intent = item.kind === 'progress' ? 'info' : item.kind
      dispatchToast(content, { intent, timeout: SHOWN_MS })
    }
  }, [items, dispatchToast])
}
