'use client'
import { useEffect, useRef } from 'react'
import type { TabId } from './wizard-fields'
import { encodeValues } from './wizard-url'
import type { WizardValues } from './wizard-values'

const PAUSE_MS = 400

/**
 * Keeps form and tab in the page's address, so that a reload or a shared link shows the same form. While `frozen` it
 * leaves the address alone: writing it would make the router give up a navigation that is under way.
 */
export function useUrlSync(values: WizardValues, tab: TabId, frozen: boolean): void {
  const written = useRef(tab)
  useEffect(() => {
    if (frozen) return
    const write = () => {
      const query = new URLSearchParams()
      const encoded = encodeValues(values)
      if (tab !== 'basics') query.set('tab', tab)
      if (encoded) query.set('s', encoded)
      const next = query.size ? `?${query}` : ''
      if (next !== window.location.search) window.history.replaceState(null, '', next || window.location.pathname)
    }
    // Typing is gathered; another tab is written at once, so that no late write meets what is clicked there.
    if (written.current !== tab) {
      written.current = tab
      write()
      return
    }
    const timer = setTimeout(write, PAUSE_MS)
    window.addEventListener('beforeunload', write)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('beforeunload', write)
    }
  }, [values, tab, frozen])
}
