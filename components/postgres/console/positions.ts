/**
 * Where PostgreSQL means in a text. It counts characters from 1; a string counts some of them twice.
 * @returns offset in the string, line and column from 1.
 */
export function placeOf(text: string, position: number): { offset: number; line: number; column: number } {
  const before = [...text].slice(0, Math.max(0, position - 1)).join('')
  const lines = before.split('\n')
  return { offset: before.length, line: lines.length, column: [...lines.at(-1)!].length + 1 }
}

/** How long something took, as people say it. */
export const durationText = (ms: number): string => (ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`)
