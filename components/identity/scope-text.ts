import { pathOfResource, paths } from '@/components/portal/paths'

/** What a scope is, and its page: a resource has its own, everything else the page of who has access to it. */
export function describeScope(scope: string): { kind: string; name: string; href: string } {
  const [, subscription, group, type, name, key] =
    /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+)(?:\/providers\/[^/]+\/([^/]+)\/([^/]+)(?:\/keys\/([^/]+))?)?)?$/i.exec(
      scope,
    ) ?? []
  const access = paths.access(scope)
  if (key && name) return { kind: 'Key', name: `${name} / ${key}`, href: paths.vaultKey(name, key) }
  if (name && type) return { kind: KINDS[type.toLowerCase()] ?? type, name, href: pathOfResource(scope) ?? access }
  if (group) return { kind: 'Resource group', name: group, href: access }
  if (subscription) return { kind: 'Subscription', name: subscription, href: access }
  return { kind: 'Tenant', name: 'The whole tenant', href: access }
}

const KINDS: Record<string, string> = {
  vaults: 'Key vault',
  managedhsms: 'Managed HSM',
  flexibleservers: 'PostgreSQL server',
  userassignedidentities: 'Managed identity',
}
