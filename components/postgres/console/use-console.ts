'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ConsoleInput, ConsoleRun } from '@/server/dataplane/contract'

/** What came of a run: the database's answer, or why the portal gave none. `sql` is the text that it belongs to. */
export type Outcome = { sql: string; run: ConsoleRun | null; problem: string | null }

/** Sends statements to the portal, one run at a time. Cancelling ends the session, and with it the statement. */
export function useConsole(server: string) {
  const [busy, setBusy] = useState(false)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const controller = useRef<AbortController | null>(null)
  const client = useQueryClient()
  const cancel = useCallback(() => controller.current?.abort(), [])
  useEffect(() => cancel, [cancel])
  const run = useCallback(
    async (input: ConsoleInput) => {
      const mine = new AbortController()
      controller.current = mine
      setBusy(true)
      const result = await send(server, input, mine.signal)
      setOutcome({ sql: input.sql, ...result })
      setBusy(false)
      void client.invalidateQueries({ queryKey: ['servers', 'one', server, 'connection'] })
    },
    [server, client],
  )
  return { run, cancel, busy, outcome }
}

async function send(server: string, input: ConsoleInput, signal: AbortSignal): Promise<Omit<Outcome, 'sql'>> {
  try {
    const response = await fetch(`/api/portal/servers/${encodeURIComponent(server)}/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input),
      signal,
    })
    const body = await response.json()
    return response.ok
      ? { run: body as ConsoleRun, problem: null }
      : { run: null, problem: (body as { message: string }).message }
  } catch {
    return {
      run: null,
      problem: signal.aborted
        ? 'You cancelled the run. Its session ends, and what it had not committed is undone.'
        : 'The portal does not answer. Check that it is running.',
    }
  }
}
