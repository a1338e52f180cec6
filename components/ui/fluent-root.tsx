'use client'
import {
  createDOMRenderer,
  FluentProvider,
  RendererProvider,
  renderToStyleElements,
  SSRProvider,
} from '@fluentui/react-components'
import { useServerInsertedHTML } from 'next/navigation'
import { type ReactNode, useRef, useState } from 'react'
import { THEMES } from './theme'
import { useTheme } from './theme-context'

/**
 * Fluent on both sides: the styles that the server's rendering collected travel with the HTML, once. A second set would
 * break the order in which rules win, so pages are sent whole: no Suspense boundary (and no loading.tsx) above them.
 */
export function FluentRoot({ children }: { children: ReactNode }) {
  const [renderer] = useState(() => createDOMRenderer())
  const { name } = useTheme()
  const flushed = useRef(false)

  useServerInsertedHTML(() => {
    if (flushed.current) return null
    flushed.current = true
    return renderToStyleElements(renderer)
  })

  return (
    <RendererProvider renderer={renderer}>
      <SSRProvider>
        <FluentProvider theme={THEMES[name]} style={{ minHeight: '100%' }}>
          {children}
        </FluentProvider>
      </SSRProvider>
    </RendererProvider>
  )
}
