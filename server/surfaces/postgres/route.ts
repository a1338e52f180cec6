const SUFFIX = '.postgres.localhost'
const OPTION = /(?:^|\s)(?:-c\s*|--)server=(\S+)/

/**
 * Which server a client means, and its parameters without what said so: by the name it asked for in TLS, else by
 * `options=-c server=NAME`, else by `user@NAME`. Null when it said nothing.
 */
export function routeOf(
  sni: string | null,
  parameters: Map<string, string>,
): { server: string; parameters: Map<string, string> } | null {
  const rest = new Map(parameters)
  const options = parameters.get('options') ?? ''
  const byOption = OPTION.exec(options)
  if (byOption) {
    const others = options.replace(OPTION, '').trim()
    if (others) rest.set('options', others)
    else rest.delete('options')
  }
  const host = sni?.toLowerCase() ?? ''
  const label = host.endsWith(SUFFIX) ? host.slice(0, -SUFFIX.length) : ''
  if (label) return { server: label, parameters: rest }
  if (byOption) return { server: byOption[1]!.toLowerCase(), parameters: rest }
  const user = parameters.get('user') ?? ''
  const at = user.lastIndexOf('@')
  if (at < 1) return null
  rest.set('user', user.slice(0, at))
  return { server: user.slice(at + 1).toLowerCase(), parameters: rest }
}
