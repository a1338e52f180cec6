/** Comparisons without case, as ARM compares resource ids. Safe for `_` and `%`, which LIKE would take for wildcards. */

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

/** A filter that matches exactly this text, whatever its case. */
export const sameText = (text: string) => ({ equals: escapeLike(text), mode: 'insensitive' as const })

/** Filters, to be put under OR: the column holds this scope, or something below it. `/` holds everything. */
export function isUnder<Column extends string>(column: Column, scope: string) {
  const root = scope.replace(/\/+$/, '')
  const filter = (text: object) => ({ [column]: text }) as Record<Column, object>
  const below = filter({ startsWith: `${escapeLike(root)}/`, mode: 'insensitive' as const })
  return root === '' ? [below] : [filter(sameText(root)), below]
}
