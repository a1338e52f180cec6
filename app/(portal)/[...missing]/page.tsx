import { notFound } from 'next/navigation'

/** Catches every address that no page claims, so that "not found" is shown within the portal's frame. */
export default function Missing() {
  notFound()
}
