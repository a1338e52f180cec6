/** ISO 8601 as the browser's date and time box takes it, in UTC: `2026-11-24T02:40`. */
export const toInput = (iso: string): string => iso.slice(0, 16)

/** What the box holds, read as UTC. */
export const fromInput = (text: string): string => `${text.length === 16 ? `${text}:00` : text}.000Z`
