'use client'
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { THEME_COOKIE, type ThemeChoice, type ThemeName } from './theme'

type ThemeState = { choice: ThemeChoice; name: ThemeName; choose(choice: ThemeChoice): void }

const ThemeContext = createContext<ThemeState | null>(null)

export function useTheme(): ThemeState {
  const state = useContext(ThemeContext)
  if (!state) throw new Error('useTheme is used outside ThemeChoiceProvider')
  return state
}

const DARK = '(prefers-color-scheme: dark)'
const YEAR_SECONDS = 365 * 24 * 3600

/** Holds the chosen theme; starts from what the server painted, so that both agree. */
export function ThemeChoiceProvider(props: {
  initial: { choice: ThemeChoice; resolved: ThemeName }
  children: ReactNode
}) {
  const [choice, choose] = useState(props.initial.choice)
  const [device, setDevice] = useState(props.initial.resolved)
  const name: ThemeName = choice === 'system' ? device : choice

  useEffect(() => {
    const query = window.matchMedia(DARK)
    const read = () => setDevice(query.matches ? 'dark' : 'light')
    read()
    query.addEventListener('change', read)
    return () => query.removeEventListener('change', read)
  }, [])

  useEffect(() => {
    document.documentElement.style.colorScheme = name
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some browsers we serve.
    document.cookie = `${THEME_COOKIE}=${choice}.${name}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
  }, [choice, name])

  const state = useMemo(() => ({ choice, name, choose }), [choice, name])
  return <ThemeContext.Provider value={state}>{props.children}</ThemeContext.Provider>
}
