import 'server-only'
import type { SessionView } from '@/server/identity/contract'
import { listPersonas } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { seededTenant } from '@/server/monitor/service'
import { serviceContext } from './portal-context'
import { portalRuntime } from './runtime'

/** Who is signed in, and whose part one may play instead. */
export async function readSession(ctx: Ctx): Promise<SessionView> {
  const [tenant, personas] = await Promise.all([
    seededTenant(ctx.db),
    serviceContext(ctx.tenantId).then((service) => listPersonas(service)),
  ])
  const persona = personas.find((p) => p.objectId === ctx.principal.objectId)
  if (!tenant || !persona)
    throw new AppError('ResourceNotFound', { publicMessage: 'That person is not in this tenant.' })
  const { httpsPort } = portalRuntime().config
  return { tenantId: tenant.id, tenantName: tenant.name, tenantDomain: tenant.domain, persona, personas, httpsPort }
}
