import { AppError } from '@/server/kernel/errors'

const MAX_RESULTS = 25

export type PageRequest = { limit: number; after?: string }

/** @throws AppError `BadParameter` for a `maxresults` outside 1 to 25, or a `$skiptoken` that is none of ours. */
export function readPage(query: URLSearchParams): PageRequest {
  const text = query.get('maxresults')
  const limit = text === null ? MAX_RESULTS : Number(text)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_RESULTS)
    throw new AppError('BadParameter', { publicMessage: `Invalid maxresults: give 1 to ${MAX_RESULTS}, not ${text}.` })
  const token = query.get('$skiptoken')
  if (token === null) return { limit }
  const after = Buffer.from(token, 'base64url').toString()
  if (!/^[0-9a-zA-Z-]{1,127}$/.test(after)) throw new AppError('BadParameter', { publicMessage: 'Invalid $skiptoken.' })
  return { limit, after }
}

/**
 * One page of a list. `rows` holds one row more than the page when there is a next one; the client calls `nextLink`
 * as it stands.
 */
export function toPage<T>(
  url: URL,
  { limit }: PageRequest,
  rows: T[],
  markOf: (row: T) => string,
  write: (row: T) => object,
) {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { value: shown.map(write), nextLink: rows.length > limit && last ? nextLink(url, limit, markOf(last)) : null }
}

function nextLink(url: URL, limit: number, mark: string): string {
  const next = new URL(url.pathname, url.origin)
  next.searchParams.set('api-version', url.searchParams.get('api-version') ?? '')
  next.searchParams.set('$skiptoken', Buffer.from(mark).toString('base64url'))
  next.searchParams.set('maxresults', String(limit))
  return next.href
}
