import { dehydrate, HydrationBoundary, type QueryKey } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { makeQueryClient } from './query-client'

/**
 * Hands data that the server has read to the client's queries of the same keys, so that the first paint is complete.
 * Use it in a page around the client component that reads them: `<Seeded data={[[['servers'], servers]]}>`.
 */
export function Seeded(props: { data: [QueryKey, unknown][]; children: ReactNode }) {
  const client = makeQueryClient()
  for (const [key, value] of props.data) client.setQueryData(key, value)
  return <HydrationBoundary state={dehydrate(client)}>{props.children}</HydrationBoundary>
}
