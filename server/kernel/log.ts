const SECRET =
  /(bearer\s+)[\w.~+/-]+=*|((?:password|secret|token|private|dek)["']?\s*[:=]\s*["']?)[^"',\s}]+|(postgres(?:ql)?:\/\/[^:\s]+:)[^@\s]+@/gi

/** Blanks what looks like a token, password or key in a text that is about to be written. */
export const redact = (text: string): string =>
  text.replace(
    SECRET,
    (_all, bearer?: string, field?: string, url?: string) => `${bearer ?? field ?? url}***${url ? '@' : ''}`,
  )

function write(level: string, message: string, error?: unknown): void {
  const detail =
    error instanceof Error ? `: ${error.stack ?? error.message}` : error === undefined ? '' : `: ${String(error)}`
  process.stderr.write(`${level} ${redact(message + detail)}\n`)
}

export const log = {
  info: (message: string) => write('info ', message),
  warn: (message: string, error?: unknown) => write('warn ', message, error),
  error: (message: string, error?: unknown) => write('error', message, error),
}
