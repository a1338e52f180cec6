import type { Metadata } from 'next'
import { notFound } from 'next/navigation'

export const metadata: Metadata = { title: 'Not found' }

/** Catches every address that no page claims, so that "not found" is shown within the portal's frame. */
export default function Missing() {
  notFound()
}
