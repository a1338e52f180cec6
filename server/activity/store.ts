import type { Db } from '@/server/kernel/db'
import { isUnder, sameText } from '@/server/kernel/sql-text'
import type { ActivityView, AuditView } from './contract'
import type { ActivityQuery, AuditQuery } from './model'
import { describeResource } from './rules'

export type NewActivity = {
  id: string
  tenantId: string
  at: Date
  correlationId: string
  operationId: string | null
  callerId: string
  callerName: string
  category: string
  level: string
  status: string
  subStatus: string | null
  operationName: string
  resourceId: string
  resourceType: string
  resourceGroup: string | null
  subscriptionId: string | null
  description: string
  properties: object
}

export type NewAudit = Omit<AuditView, 'seq' | 'at'> & { tenantId: string; at: Date; operationVersion: string }

export async function insertActivity(db: Db, row: NewActivity): Promise<void> {
  await db.activityEvent.create({ data: row })
}

export async function insertAudit(db: Db, row: NewAudit): Promise<void> {
  await db.auditEvent.create({
    data: { ...row, identity: row.identity as object, properties: row.properties as object },
  })
}

/** Who sees which events: those below the scopes, and those that `ownerId` caused. */
export type Visibility = { scopes: string[]; ownerId: string }

export async function selectActivity(
  db: Db,
  tenantId: string,
  query: ActivityQuery,
  visibility: Visibility,
): Promise<ActivityView[]> {
  const visible = [...visibility.scopes.flatMap((s) => isUnder('resourceId', s)), { callerId: visibility.ownerId }]
  const rows = await db.activityEvent.findMany({
    where: {
      tenantId,
      AND: [{ OR: visible }, ...(query.resourceId ? [{ OR: isUnder('resourceId', query.resourceId) }] : [])],
      ...(query.operationName ? { operationName: sameText(query.operationName) } : {}),
      correlationId: query.correlationId,
      level: query.level,
      at: { gte: query.from, lte: query.to },
      seq: query.before === undefined ? undefined : { lt: BigInt(query.before) },
    },
    orderBy: { seq: 'desc' },
    take: query.limit,
  })
  return rows.map((row) => ({
    id: row.id,
    seq: Number(row.seq),
    at: row.at.toISOString(),
    correlationId: row.correlationId,
    operationId: row.operationId,
    caller: row.callerName,
    category: row.category,
    level: row.level as ActivityView['level'],
    status: row.status,
    operationName: row.operationName,
    resourceId: row.resourceId,
    resourceName: describeResource(row.resourceId).resourceName,
    resourceType: row.resourceType,
    resourceGroup: row.resourceGroup,
    subscriptionId: row.subscriptionId,
    description: row.description,
    properties: row.properties as Record<string, unknown>,
  }))
}

export async function selectAudit(db: Db, tenantId: string, query: AuditQuery): Promise<AuditView[]> {
  const rows = await db.auditEvent.findMany({
    where: {
      tenantId,
      storeId: sameText(query.storeId),
      operationName: query.operationName,
      at: { gte: query.from, lte: query.to },
      seq: query.before === undefined ? undefined : { lt: BigInt(query.before) },
    },
    orderBy: { seq: 'desc' },
    take: query.limit,
  })
  return rows.map(({ tenantId: _tenant, operationVersion: _version, ...row }) => ({
    ...row,
    seq: Number(row.seq),
    at: row.at.toISOString(),
    identity: row.identity as Record<string, unknown>,
    properties: row.properties as Record<string, unknown>,
  }))
}
