'use client'
import { useEffect } from 'react'
import type { TabId } from './wizard-fields'
import { encodeValues } from './wizard-url'
import type { WizardValues } from './wizard-values'

const PAUSE_MS = 400

/** Keeps form and tab in the page's address, so that a reload or a shared link shows the same form. */
export function useUrlSync(values: WizardValues, tab: TabId): void {
  useEffect(() => {
    const page = window.location.pathname
    const write = () => {
      // The page may be on its way to another address already.
      if (window.location.pathname !== page) return
      const query = new URLSearchParams()
      const encoded = encodeValues(values)
      if (tab !== 'basics') query.set('tab', tab)
      if (encoded) query.set('s', encoded)
      const next = query.size ? `?${query}` : ''
      if (next !== window.location.search) window.history.replaceState(null, '', next || page)
    }
    const timer = setTimeout(write, PAUSE_MS)
    window.addEventListener('beforeunload', write)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('beforeunload', write)
    }
  }, [values, tab])
}
