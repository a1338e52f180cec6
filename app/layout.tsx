import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { Providers } from '@/components/portal/providers'
import { parseThemeCookie, THEME_COOKIE } from '@/components/ui/theme'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Portcullis', template: '%s - Portcullis' },
  description: 'A simulated cloud portal for PostgreSQL with customer-managed keys. Not Microsoft Azure.',
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1 }

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = parseThemeCookie((await cookies()).get(THEME_COOKIE)?.value)
  return (
    <html lang="en" style={{ colorScheme: theme.resolved }}>
      <body>
        <Providers theme={theme}>{children}</Providers>
      </body>
    </html>
  )
}
