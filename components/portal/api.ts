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
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`/api/portal/${path}`, { signal, headers: { accept: 'application/json' } }).catch(() => {
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
