import { recordWrite } from '@/server/activity/service'
import { createClock } from '@/server/clock/service'
import type { Ctx } from '@/server/kernel/context'
import type { Custody } from '@/server/kernel/custody'
import type { Db } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { type SubscriptionView, type TenantSettings, tenantSettings } from '../contract'
import { generateSigningKey } from '../crypto'
import { TENANT_SCOPE } from '../model'
import { isGuid } from '../rules'
import { findSubscriptionTenant, insertSubscription } from '../store/resources'
import * as store from '../store/tenants'
import { authorize } from './authorization'
import { requireService } from './bootstrap-only'

export const SIGNING_KEY_PURPOSE = 'token-signing-key'

export type TenantView = { id: string; name: string; domain: string; seeded: boolean }

/**
 * Creates a tenant with its clock and the key that signs its tokens; the private part is stored sealed.
 * @param tenant.startAt virtual time the clock starts from; `rate` is virtual seconds for each real second.
 */
export async function createTenant(
  env: { db: Db; custody: Custody },
  tenant: { id: string; name: string; domain: string; startAt: Date; rate: number },
): Promise<void> {
  const { id, name, domain, startAt, rate } = tenant
  const kid = newId()
  const { publicJwk, privatePem } = await generateSigningKey(kid)
  const sealedPrivate = env.custody.seal(SIGNING_KEY_PURPOSE, kid, Buffer.from(privatePem))
  await store.insertTenant(env.db, { id, name, domain })
  await createClock(env.db, id, startAt, rate)
  await store.insertSigningKey(env.db, { id: kid, tenantId: id, publicJwk, sealedPrivate, createdAt: startAt })
}

/** Finds a tenant by its id or its domain; null when there is none. */
export async function findTenant(db: Db, idOrDomain: string): Promise<TenantView | null> {
  // What cannot be a domain is not asked for: the database could not even take every text.
  if (!/^[a-z0-9.-]{1,253}$/i.test(idOrDomain)) return null
  const row = isGuid(idOrDomain)
    ? await store.findTenant(db, idOrDomain)
    : await store.findTenantByDomain(db, idOrDomain)
  return row && { id: row.id, name: row.name, domain: row.domain, seeded: row.seededAt !== null }
}

/** The tenant that is meant where nothing says which: the oldest, of which there is one as a rule. */
export const findAnyTenant = (db: Db): Promise<string | null> => store.findFirstTenant(db)

/** The tenant that a subscription belongs to, where a request brings no token that would tell. */
export async function findTenantOfSubscription(db: Db, subscriptionId: string): Promise<string | null> {
  return isGuid(subscriptionId) ? findSubscriptionTenant(db, subscriptionId) : null
}

/** For the service itself only. */
export async function createSubscription(ctx: Ctx, sub: { id?: string; name: string }): Promise<SubscriptionView> {
  requireService(ctx)
  const view = { id: sub.id ?? newId(), name: sub.name }
  await insertSubscription(ctx.db, { ...view, tenantId: ctx.tenantId })
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'resources' })
  return view
}

/** The tenant's settings; what was never set has its default. */
export async function readTenantSettings(ctx: Ctx): Promise<TenantSettings> {
  return tenantSettings.parse((await store.findTenant(ctx.db, ctx.tenantId))?.settings ?? {})
}

/** Changes the settings given. Takes `Portcullis.Simulation/settings/write` on the tenant. */
export async function updateTenantSettings(ctx: Ctx, patch: Partial<TenantSettings>): Promise<TenantSettings> {
  const operationName = 'Portcullis.Simulation/settings/write'
  return recordWrite(
    ctx,
    { operationName, resourceId: TENANT_SCOPE, description: 'Change the settings' },
    async (tx) => {
      await authorize(tx, operationName, TENANT_SCOPE)
      const parsed = tenantSettings.safeParse({ ...(await readTenantSettings(tx)), ...patch })
      if (!parsed.success) {
        throw new AppError('BadParameter', { publicMessage: parsed.error.issues.map((i) => i.message).join(' ') })
      }
      await store.saveSettings(tx.db, tx.tenantId, parsed.data)
      await announce(tx.db, { tenantId: tx.tenantId, topic: 'identity' })
      return parsed.data
    },
  )
}

/** Notes that a tenant's first content is complete: from then on the portal shows it. For the service itself only. */
export async function markSeeded(ctx: Ctx): Promise<void> {
  requireService(ctx)
  await store.saveSeededAt(ctx.db, ctx.tenantId, ctx.now)
}
