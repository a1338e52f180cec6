'use client'
import { useCallback, useEffect, useRef, useState } from 'react'

/** The part of the Navigation API that we use; some browsers lack it. */
type Navigation = EventTarget & { traverseTo(key: string): void }
type NavigateEvent = Event & { navigationType: string; destination: { key: string; sameDocument: boolean } }

const navigationOf = (): Navigation | undefined => (window as unknown as { navigation?: Navigation }).navigation

export type LeaveGuard = {
  /** Whether the person is being asked. */
  asking: boolean
  stay(): void
  leave(): void
  /** From now on leaving is not asked about. */
  release(): void
}

/**
 * Asks before the page is left while `dirty`: by a link, by the browser's Back (where it has the Navigation API), or by
 * closing the tab (where the browser asks in its own words).
 */
export function useLeaveGuard(dirty: boolean, go: (href: string) => void): LeaveGuard {
  const [pending, setPending] = useState<(() => void) | null>(null)
  const released = useRef(false)
  const release = useCallback(() => {
    released.current = true
  }, [])

  useEffect(() => {
    if (!dirty) return
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!released.current) event.preventDefault()
    }
    const onClick = (event: MouseEvent) => {
      const href = released.current ? null : leavingHref(event)
      if (!href) return
      event.preventDefault()
      event.stopPropagation()
      setPending(() => () => go(href))
    }
    const onNavigate = (event: Event) => {
      const { navigationType, destination } = event as NavigateEvent
      if (released.current || navigationType !== 'traverse' || !destination.sameDocument || !event.cancelable) return
      event.preventDefault()
      setPending(() => () => navigationOf()?.traverseTo(destination.key))
    }
    window.addEventListener('beforeunload', onUnload)
    document.addEventListener('click', onClick, true)
    navigationOf()?.addEventListener('navigate', onNavigate)
    return () => {
      window.removeEventListener('beforeunload', onUnload)
      document.removeEventListener('click', onClick, true)
      navigationOf()?.removeEventListener('navigate', onNavigate)
    }
  }, [dirty, go])

  return {
    asking: pending !== null,
    stay: () => setPending(null),
    leave() {
      release()
      setPending(null)
      pending?.()
    },
    release,
  }
}

/** Where a click would lead to, when that is another page in this tab. */
function leavingHref(event: MouseEvent): string | null {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  ) {
    return null
  }
  const link = (event.target as Element | null)?.closest?.('a[href]')
  if (!(link instanceof HTMLAnchorElement) || link.target === '_blank' || link.hasAttribute('download')) return null
  const url = new URL(link.href, window.location.href)
  if (url.origin !== window.location.origin || url.pathname === window.location.pathname) return null
  return url.pathname + url.search + url.hash
}
