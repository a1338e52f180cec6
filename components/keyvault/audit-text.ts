import type { AuditView } from '@/server/activity/contract'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Who made a request: name, else user name, else object id. */
export function auditCaller({ identity }: AuditView): string {
  const claim = (identity.claim ?? {}) as Record<string, unknown>
  return text(claim.name) || text(claim.upn) || text(claim.oid) || 'Nobody: no valid token'
}

/** `name`, or `name / first characters of its version`. */
export function auditKey({ properties }: AuditView): string {
  const [, name, version] = /\/keys\/([^/]+)(?:\/([^/]+))?/.exec(text(properties.id)) ?? []
  if (!name) return '-'
  return version ? `${name} / ${version.slice(0, 8)}…` : name
}
