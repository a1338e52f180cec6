import type { Metadata } from 'next'
import { Seeded } from '@/components/portal/seeded'
import { createOptionsQuery } from '@/components/postgres/create/create-query'
import { Wizard } from '@/components/postgres/create/wizard'
import { isTab } from '@/components/postgres/create/wizard-fields'
import { decodeValues } from '@/components/postgres/create/wizard-url'
import { WIZARD_TITLE } from '@/components/postgres/create/wizard-values'
import { readCreateOptions } from '@/server/queries/create-options'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: WIZARD_TITLE }

type Search = Promise<Record<string, string | string[] | undefined>>

export default async function Page({ searchParams }: { searchParams: Search }) {
  const { s, tab } = await searchParams
  const { values, broken } = decodeValues(typeof s === 'string' ? s : undefined)
  const options = await readCreateOptions(await portalContext())
  return (
    <Seeded data={[[createOptionsQuery.queryKey, options]]}>
      <Wizard initial={values} initialTab={isTab(tab) ? tab : 'basics'} broken={broken} />
    </Seeded>
  )
}
