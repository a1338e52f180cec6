'use client'
import {
  Spinner,
  Toast,
  ToastBody,
  type ToastIntent,
  ToastTitle,
  useId,
  useToastController,
} from '@fluentui/react-components'
import { type QueryKey, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useCallback, useState } from 'react'
import type { ActionResult } from '@/server/actions/result'
import { TOASTER_ID } from './toaster-id'

export type UseActionOptions<I, T> = {
  /** "Disabling key cmk-1". */
  progress: string
  /** "Key cmk-1 disabled", or made from the answer. Null shows no toast on success. */
  success: string | null | ((data: T, input: I) => string)
  /** "Key cmk-1 could not be disabled". */
  failure: string
  /** Key prefixes of the queries that are stale afterwards. */
  invalidate?: QueryKey[]
  /** Link or button in the toast of success. */
  successLink?: (data: T) => ReactNode
}

/**
 * Runs a server action with a toast for progress, success and failure, and refreshes the named queries.
 * `run` never throws; it returns the action's answer, so that a form can show `fields` at its fields.
 */
export function useAction<I, T>(action: (input: I) => Promise<ActionResult<T>>, options: UseActionOptions<I, T>) {
  const [busy, setBusy] = useState(false)
  const client = useQueryClient()
  const toasts = useToastController(TOASTER_ID)
  const toastId = useId('action')
  const { progress, success, failure, invalidate, successLink } = options

  const run = useCallback(
    async (input: I): Promise<ActionResult<T>> => {
      const show = (intent: ToastIntent | 'progress', title: string, body?: ReactNode) => {
        const media = intent === 'progress' ? <Spinner size="tiny" /> : undefined
        const content = (
          <Toast>
            <ToastTitle media={media}>{title}</ToastTitle>
            {body && <ToastBody>{body}</ToastBody>}
          </Toast>
        )
        toasts.dismissToast(toastId)
        toasts.dispatchToast(content, {
          intent: intent === 'progress' ? 'info' : intent,
          toastId: intent === 'progress' ? toastId : undefined,
          timeout: intent === 'progress' ? -1 : intent === 'error' ? 10_000 : 4_000,
        })
      }
      setBusy(true)
      show('progress', progress)
      const result = await call(action, input)
      setBusy(false)
      if (!result.ok) show('error', failure, result.message)
      else if (success === null) toasts.dismissToast(toastId)
      else
        show('success', typeof success === 'string' ? success : success(result.data, input), successLink?.(result.data))
      for (const queryKey of invalidate ?? []) void client.invalidateQueries({ queryKey })
      return result
    },
    [action, progress, success, failure, invalidate, successLink, client, toasts, toastId],
  )
  return { run, busy }
}

async function call<I, T>(action: (input: I) => Promise<ActionResult<T>>, input: I): Promise<ActionResult<T>> {
  try {
    return await action(input)
  } catch {
    return {
      ok: false,
      code: 'Unexpected',
      message: 'The portal did not answer. Check that it is running, then try again.',
    }
  }
}
