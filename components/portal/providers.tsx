'use client'
import { PortalMountNodeProvider, Toaster } from '@fluentui/react-components'
import { QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { FluentRoot } from '@/components/ui/fluent-root'
import type { ThemeChoice, ThemeName } from '@/components/ui/theme'
import { ThemeChoiceProvider } from '@/components/ui/theme-context'
import { TOASTER_ID } from '@/components/ui/toaster-id'
import { makeQueryClient } from './query-client'

export function Providers(props: { theme: { choice: ThemeChoice; resolved: ThemeName }; children: ReactNode }) {
  const [client] = useState(makeQueryClient)
  const [overlays, setOverlays] = useState<HTMLElement | null>(null)
  return (
    <ThemeChoiceProvider initial={props.theme}>
      <FluentRoot>
        <QueryClientProvider client={client}>
          {/* Menus, tooltips, dialogs and toasts are drawn in a landmark: nothing on a page may lie outside one. */}
          <PortalMountNodeProvider value={overlays ?? undefined}>
            {props.children}
            <Toaster toasterId={TOASTER_ID} position="top-end" offset={{ vertical: 56, horizontal: 16 }} limit={4} />
          </PortalMountNodeProvider>
        </QueryClientProvider>
        <aside aria-label="Overlays" ref={setOverlays} />
      </FluentRoot>
    </ThemeChoiceProvider>
  )
}
