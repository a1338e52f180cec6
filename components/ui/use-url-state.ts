'use client'
import { useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/**
 * State that lives in the page's address, so that a link shows the same view. A null or empty value removes its name.
 * Changing it asks the server for nothing and adds no step to the history.
 */
export function useUrlState(): [URLSearchParams, (patch: Record<string, string | null>) => void] {
  const params = useSearchParams()
  const change = useCallback((patch: Record<string, string | null>) => {
    const next = new URLSearchParams(window.location.search)
    for (const [name, value] of Object.entries(patch)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    const query = next.toString()
    window.history.replaceState(null, '', query ? `?${query}` : window.location.pathname)
  }, [])
  return [params, change]
}
