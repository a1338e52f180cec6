import 'server-only'
import { isAppError } from '@/server/kernel/errors'

/**
 * Data for a page's first paint under its query's key. What is refused or missing is left out: then the page asks
 * again by its query and shows the answer's own words, also when it is refused only later.
 */
export async function seed<K>(key: K, read: () => Promise<unknown>): Promise<[K, unknown][]> {
  try {
    return [[key, await read()]]
  } catch (error) {
    if (isAppError(error)) return []
    throw error
  }
}
