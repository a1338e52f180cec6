const isText = (text: string): boolean => !text.includes('\0') && !/\p{Cs}/u.test(text)

/**
 * Reads JSON whose texts can be kept. JSON may hold a NUL, or half of a character; PostgreSQL takes neither, so such
 * text is as malformed as a missing bracket, and is refused before it is half processed.
 * @throws SyntaxError
 */
export function readJson(text: string): unknown {
  return JSON.parse(text, (name, value: unknown) => {
    if (!isText(name) || (typeof value === 'string' && !isText(value))) throw new SyntaxError('not well-formed Unicode')
    return value
  })
}
