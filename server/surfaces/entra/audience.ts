import { entraErrors } from './errors'

/** Resources of Azure that tokens are asked for here. */
const RESOURCES = new Set([
  'vault.azure.net',
  'managedhsm.azure.net',
  'management.azure.com',
  'management.core.windows.net',
  'graph.microsoft.com',
  'ossrdbms-aad.database.windows.net',
])

/** The audience of a v2 scope. @throws EntraError when the scope is no `<resource>/.default`. */
export function audienceOfScope(scope: string): string {
  const resource = /^(\S+)\/\.default$/.exec(scope.trim())?.[1]
  if (!resource) throw entraErrors.badScope(scope)
  return audienceOfResource(resource)
}

/**
 * The audience that a token for this resource has: without slashes at the end, since some clients add one or two.
 * @throws EntraError when no such resource is known, as for a misspelt one.
 */
export function audienceOfResource(resource: string): string {
  const audience = resource.trim().replace(/\/+$/, '')
  const host = hostOf(audience)
  if (host && (RESOURCES.has(host) || host === 'localhost' || host.endsWith('.localhost'))) return audience
  throw entraErrors.unknownResource(resource)
}

function hostOf(resource: string): string | null {
  try {
    return new URL(resource).hostname
  } catch {
    return null
  }
}
