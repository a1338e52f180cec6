'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useAction } from '@/components/ui/use-action'
import type { ActionResult } from '@/server/actions/result'
import type { StoreRef } from '@/server/queries/key-stores'
import { storeLinks } from './store-links'

/** The state of a form that brings a key into a store, and its way to the key's page. */
export function useKeyForm<D extends { name: string }, I, T>(init: {
  store: StoreRef
  start: () => D
  /** What is wrong with a draft, by field. */
  faultsOf: (draft: D) => Record<string, string>
  action: (input: I) => Promise<ActionResult<T>>
  toInput: (draft: D) => I
  /** "Creating", "created" */
  words: { doing: string; done: string }
  /** Fields that say themselves what the server found wrong with them; by default all. */
  fields?: string[]
}) {
  const { store, faultsOf, fields, words } = init
  const router = useRouter()
  const links = storeLinks(store)
  const [draft, setDraft] = useState(init.start)
  const [tried, setTried] = useState(false)
  const [refused, setRefused] = useState<Record<string, string>>({})
  const { run, busy } = useAction(init.action, {
    progress: `${words.doing} key ${draft.name}`,
    success: `Key ${draft.name} was ${words.done}`,
    failure: `Key ${draft.name} could not be ${words.done}`,
    invalidate: [['keys'], ['servers']],
  })
  const own = faultsOf(draft)
  const change = (patch: Partial<D>) => {
    setRefused({})
    setDraft({ ...draft, ...patch })
  }
  const submit = async () => {
    setTried(true)
    if (Object.keys(own).length) return
    const result = await run(init.toInput(draft))
    if (result.ok) return router.push(links.key(draft.name))
    const said = result.fields
    setRefused(said && (!fields || fields.some((f) => said[f])) ? said : { form: result.message })
  }
  return { draft, change, own, tried, refused, busy, links, submit: () => void submit() }
}
