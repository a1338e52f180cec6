'use client'
import {
  createDOMRenderer,
  FluentProvider,
  RendererProvider,
  renderToStyleElements,
  SSRProvider,
} from '@fluentui/react-components'
import { useServerInsertedHTML } from 'next/navigation'
import { cloneElement, type ReactElement, type ReactNode, useLayoutEffect, useRef, useState } from 'react'
import { THEMES } from './theme'
import { useTheme } from './theme-context'

const LATE = 'data-late-styles'

/** Fluent on both sides: styles collected while the server renders travel with the HTML. */
export function FluentRoot({ children }: { children: ReactNode }) {
  const [renderer] = useState(() => createDOMRenderer())
  const { name } = useTheme()
  const flushed = useRef(0)

  useServerInsertedHTML(() => {
    const styles = renderToStyleElements(renderer)
    const size = styles.reduce((sum, s) => sum + textOf(s).length, 0)
    if (size === flushed.current) return null
    const first = flushed.current === 0
    flushed.current = size
    return first ? styles : styles.map(asLate)
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

type StyleElement = ReactElement<{ dangerouslySetInnerHTML?: { __html: string } }>
const textOf = (style: ReactElement): string => (style as StyleElement).props.dangerouslySetInnerHTML?.__html ?? ''

/**
 * What is streamed after the first flush needs rules that the head has not. They come as a whole second set, whose own
 * order decides, without the mark by which Griffel would take it for its own; `useSettledStyles` drops it.
 */
function asLate(style: ReactElement, index: number): ReactElement {
  return cloneElement(style as ReactElement<Record<string, unknown>>, {
    key: `late-${index}`,
    'data-make-styles-bucket': undefined,
    'data-make-styles-rehydration': undefined,
    [LATE]: '',
  })
}

/** To be called by what every page renders: once it has hydrated, Griffel's own sheets hold all rules. */
export function useSettledStyles(): void {
  useLayoutEffect(() => {
    for (const style of document.querySelectorAll(`style[${LATE}]`)) style.remove()
  }, [])
}
