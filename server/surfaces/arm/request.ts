import { z } from 'zod'
import { findRegion } from '@/server/kernel/regions'
import { readJson } from '../json'
import { ArmError } from './errors'

/** A path as clients write it: doubled slashes, any case, even escaped slashes in a scope. */
export function pathSegments(pathname: string): string[] {
  try {
    return decodeURIComponent(pathname).split('/').filter(Boolean)
  } catch {
    throw new ArmError(400, 'BadRequest', 'The path of the request is not well-formed.')
  }
}

/** Query values by lower-case name; some clients escape the names as well. */
export const queryOf = (url: URL): Map<string, string> =>
  new Map([...url.searchParams].map(([name, value]) => [name.toLowerCase(), value]))

export type Params = Record<string, string>
export type Pattern = { scoped: boolean; segments: string[] }

/**
 * Reads a route such as `/subscriptions/{s}/resourceGroups/{g}`. One that begins with `{scope}` belongs to any resource:
 * what stands before its own segments is the scope.
 */
export function parsePattern(text: string): Pattern {
  const segments = text.split('/').filter(Boolean)
  const scoped = segments[0] === '{scope}'
  return { scoped, segments: scoped ? segments.slice(1) : segments }
}

/** Matches without case; names keep the case they were written in. Null when the path is another one. */
export function matchPattern({ scoped, segments }: Pattern, path: string[]): Params | null {
  const skip = path.length - segments.length
  if (skip < 0 || (!scoped && skip > 0)) return null
  const params: Params = scoped ? { scope: `/${path.slice(0, skip).join('/')}` } : {}
  for (const [i, segment] of segments.entries()) {
    const actual = path[skip + i]!
    const name = /^\{(.+)\}$/.exec(segment)?.[1]
    if (name) params[name] = actual
    else if (segment.toLowerCase() !== actual.toLowerCase()) return null
  }
  return params
}

/** Reads a body as JSON and by a schema. @throws ArmError `InvalidRequestContent` */
export async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  const invalid = (what: string) =>
    new ArmError(
      400,
      'InvalidRequestContent',
      `The request content was invalid and could not be deserialized: '${what}'.`,
    )
  const text = await request.text()
  let value: unknown
  try {
    value = readJson(text)
  } catch {
    throw invalid('the body is not JSON')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid(parsed.error.issues.map((i) => `${i.path.join('.') || 'body'}: ${i.message}`).join('; '))
}

export const tagsBody = z.record(z.string(), z.string())

/** Any spelling of a region, as its short name. */
export const locationBody = z.string().transform((text, issue) => {
  const region = findRegion(text)
  if (region) return region.name
  issue.addIssue({ code: 'custom', message: `the location '${text}' is not available` })
  return z.NEVER
})

/** The clauses of an OData filter such as `a eq 'x' and b ge 'y'`; names in lower case, functions as `name()`. */
export function parseFilter(filter: string | undefined): { name: string; operator: string; value: string }[] {
  const clause = /(\w+)\s+(eq|ne|ge|gt|le|lt)\s+(?:datetime)?'((?:[^']|'')*)'|(\w+)\(\s*(?:'((?:[^']|'')*)')?\s*\)/gi
  return [...(filter ?? '').matchAll(clause)].map(([, name, operator, value, call, argument]) =>
    call
      ? { name: `${call.toLowerCase()}()`, operator: 'call', value: argument ?? '' }
      : { name: name!.toLowerCase(), operator: operator!.toLowerCase(), value: value!.replaceAll("''", "'") },
  )
}

/** The value that a filter asks a name to equal, or a function to be called with. */
export const filterValue = (filter: string | undefined, name: string): string | undefined =>
  parseFilter(filter).find((c) => c.name === name.toLowerCase() && ['eq', 'call'].includes(c.operator))?.value
