/** What a portal route answered instead of data. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

/**
 * Reads one of the portal's JSON routes, e.g. `getJson<FleetView>('fleet')` for `/api/portal/fleet`.
 * @throws ApiError with the server's own message.
 */
export const getJson = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  ask(path, { signal, headers: { accept: 'application/json' } })

/** Sends what belongs into no address. @throws ApiError with the server's own message. */
export const postJson = <T>(path: string, body: unknown): Promise<T> =>
  ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(`/api/portal/${path}`, init).catch(() => {
    throw new ApiError(0, 'Unreachable', 'The portal does not answer. Check that it is running.')
  })
  if (response.ok) return (await response.json()) as T
  const body = (await response.json().catch(() => ({}))) as { code?: string; message?: string }
  throw new ApiError(
    response.status,
    body.code ?? 'Unexpected',
    body.message ?? `The portal answered ${response.status}.`,
  )
}

/** Words for a failed query, or null. */
export const errorText = (error: unknown): string | null =>
  error ? (error instanceof Error ? error.message : String(error)) : null
