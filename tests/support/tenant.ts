import { afterAll } from 'vitest'
import { openContext } from '@/server/clock/service'
import { createSubscription, createTenant } from '@/server/identity/service'
import { type Ctx, type Principal, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { createCustody } from '@/server/kernel/custody'
import { createDb, type PrismaClient } from '@/server/kernel/db'
import { testDatabase } from './postgres'

export const TENANT_ID = '10000000-0000-4000-8000-000000000001'
export const SUBSCRIPTION_ID = '20000000-0000-4000-8000-000000000001'
export const START = new Date('2030-01-01T00:00:00.000Z')

/** The custody of all tests. */
export const custody = createCustody(Buffer.alloc(32, 7))

export type TestTenant = {
  db: PrismaClient
  databaseUrl: string
  /** The service itself, at the start of the paused clock. */
  service: Ctx
  /** The same database and instant, seen by another principal. */
  as(principal: Principal): Ctx
}

/** A migrated database with one tenant and one subscription; its clock is paused at `START`. Top level of a file only. */
export async function testTenant(): Promise<TestTenant> {
  const databaseUrl = await testDatabase()
  const db = createDb(databaseUrl, 5)
  afterAll(() => db.$disconnect())
  await createTenant(
    { db, custody },
    { id: TENANT_ID, name: 'Contoso', domain: 'contoso.example', startAt: START, rate: 0 },
  )
  const service = await openContext({ db, custody, tenantId: TENANT_ID, principal: SERVICE_PRINCIPAL })
  await createSubscription(service, { id: SUBSCRIPTION_ID, name: 'Test' })
  return { db, databaseUrl, service, as: (principal) => ({ ...service, principal }) }
}

/** The same caller, so many virtual seconds later. */
export const later = (ctx: Ctx, seconds: number): Ctx => ({ ...ctx, now: new Date(ctx.now.getTime() + seconds * 1000) })
