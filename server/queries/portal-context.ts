import 'server-only'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { openContext } from '@/server/clock/service'
import { findPrincipal, listPersonas } from '@/server/identity/service'
import { type Caller, type Ctx, type Principal, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { type PortalTenant, seededTenant } from '@/server/monitor/service'
import { PERSONA_COOKIE, readPersona } from './persona-cookie'
import { portalRuntime } from './runtime'

export const SETTING_UP = '/setting-up'

/** The seeded tenant; null while the database does not answer, is not migrated, or holds none. */
export async function portalTenant(): Promise<PortalTenant | null> {
  try {
    return await seededTenant(portalRuntime().db)
  } catch {
    return null
  }
}

/** A context in which the portal itself acts, without a person's rights: for what everybody may know. */
export async function serviceContext(tenantId: string): Promise<Ctx> {
  const { db, custody } = portalRuntime()
  return openContext({ db, custody, tenantId, principal: SERVICE_PRINCIPAL })
}

/**
 * The context of the signed-in person for one request: pages, queries and actions start here.
 * Leads to the page "still being set up" while there is no seeded tenant.
 */
export const portalContext = cache(async (): Promise<Ctx> => {
  const tenant = await portalTenant()
  if (!tenant) redirect(SETTING_UP)
  const { db, custody } = portalRuntime()
  const [principal, caller] = [await currentPrincipal(tenant.id), await currentCaller()]
  return openContext({ db, custody, tenantId: tenant.id, principal, caller })
})

async function currentPrincipal(tenantId: string): Promise<Principal> {
  const service = await serviceContext(tenantId)
  const objectId = await readPersona(service.custody, tenantId, (await cookies()).get(PERSONA_COOKIE)?.value)
  const chosen = objectId && (await findPrincipal(service, objectId))
  if (chosen) return chosen
  const [first] = await listPersonas(service)
  const fallback = first && (await findPrincipal(service, first.objectId))
  if (!fallback) redirect(SETTING_UP)
  return fallback
}

async function currentCaller(): Promise<Caller> {
  const sent = await headers()
  // Next fills this in from the socket; vault firewalls are judged by it.
  const address = sent.get('x-forwarded-for')?.split(',')[0]?.trim() || '127.0.0.1'
  return { address: address.replace(/^::ffff:/, ''), userAgent: sent.get('user-agent') ?? undefined }
}
