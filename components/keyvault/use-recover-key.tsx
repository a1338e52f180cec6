'use client'
import { useAction } from '@/components/ui/use-action'
import { recoverKeyAction } from '@/server/actions/keys'
import type { StoreRef } from '@/server/queries/key-stores'

/** Brings a soft-deleted key back with all its versions. */
export function useRecoverKey(store: StoreRef, name: string) {
  const { run, busy } = useAction(recoverKeyAction, {
    progress: `Recovering key ${name}`,
    success: `Key ${name} was recovered`,
    failure: `Key ${name} could not be recovered`,
    invalidate: [['keys'], ['servers']],
  })
  return { run: () => run({ store, key: name }), busy }
}
