import { type Db, Prisma } from '@/server/kernel/db'
import { sameText } from '@/server/kernel/sql-text'
import type { ActionGroup, Alert, AlertRule, AttemptOutcome, Delivery, ProcessingRule } from './model'

const json = (value: unknown) => value as Prisma.InputJsonValue

const toRule = ({ idKey: _k, ...row }: Prisma.AlertRuleGetPayload<object>) => row as unknown as AlertRule
const toGroup = ({ idKey: _k, ...row }: Prisma.ActionGroupGetPayload<object>) => row as unknown as ActionGroup
const toProcessing = ({ idKey: _k, ...row }: Prisma.AlertProcessingRuleGetPayload<object>): ProcessingRule => row
const toAlert = (row: Prisma.AlertGetPayload<object>) => row as unknown as Alert
const toDelivery = (row: Prisma.AlertDeliveryGetPayload<object>) =>
  ({ ...row, nextAttemptMs: Number(row.nextAttemptMs) }) as unknown as Delivery

export async function saveRule(db: Db, rule: AlertRule): Promise<void> {
  const data = { ...rule, condition: json(rule.condition), tags: json(rule.tags), idKey: rule.id.toLowerCase() }
  await db.alertRule.upsert({ where: { idKey: data.idKey }, update: data, create: data })
}

export const findRule = async (db: Db, id: string) => {
  const row = await db.alertRule.findUnique({ where: { idKey: id.toLowerCase() } })
  return row && toRule(row)
}

export const findRules = async (db: Db, tenantId: string, where: { kind?: string; enabled?: boolean } = {}) =>
  (await db.alertRule.findMany({ where: { tenantId, ...where }, orderBy: { name: 'asc' } })).map(toRule)

export const deleteRule = (db: Db, id: string) => db.alertRule.deleteMany({ where: { idKey: id.toLowerCase() } })

export const markEvaluated = (db: Db, ids: string[], evaluatedAt: Date) =>
  db.alertRule.updateMany({ where: { id: { in: ids } }, data: { evaluatedAt } })

export async function saveGroup(db: Db, group: ActionGroup): Promise<void> {
  const sealedSecrets = group.sealedSecrets && Uint8Array.from(group.sealedSecrets)
  const same = { receivers: json(group.receivers), tags: json(group.tags), idKey: group.id.toLowerCase() }
  const data = { ...group, ...same, sealedSecrets }
  await db.actionGroup.upsert({ where: { idKey: data.idKey }, update: data, create: data })
}

export const findGroup = async (db: Db, id: string) => {
  const row = await db.actionGroup.findUnique({ where: { idKey: id.toLowerCase() } })
  return row && toGroup(row)
}

export const findGroups = async (db: Db, tenantId: string) =>
  (await db.actionGroup.findMany({ where: { tenantId }, orderBy: { name: 'asc' } })).map(toGroup)

export const deleteGroup = (db: Db, id: string) => db.actionGroup.deleteMany({ where: { idKey: id.toLowerCase() } })

export async function saveProcessingRule(db: Db, rule: ProcessingRule): Promise<void> {
  const data = { ...rule, idKey: rule.id.toLowerCase() }
  await db.alertProcessingRule.upsert({ where: { idKey: data.idKey }, update: data, create: data })
}

export const findProcessingRules = async (db: Db, tenantId: string) =>
  (await db.alertProcessingRule.findMany({ where: { tenantId }, orderBy: { name: 'asc' } })).map(toProcessing)

export const deleteProcessingRule = (db: Db, id: string) =>
  db.alertProcessingRule.deleteMany({ where: { idKey: id.toLowerCase() } })

/**
 * Raises alerts of different dedup tags, or counts up those that bear the same: one statement, so that two engines never
 * raise two. @returns those that are new.
 */
export async function raise(db: Db, alerts: Alert[]): Promise<Alert[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    INSERT INTO "Alert" ("id", "tenantId", "ruleId", "ruleName", "severity", "signalType", "monitoringService", "targetId", "targetType",
      "title", "description", "condition", "state", "firedAt", "lastFiredAt", "occurrences", "dedupTag", "suppressedBy", "context")
    SELECT "id", "tenantId", "ruleId", "ruleName", "severity", "signalType", "monitoringService", "targetId", "targetType",
      "title", "description", "condition", "state", "firedAt", "lastFiredAt", "occurrences", "dedupTag", "suppressedBy", "context"
    FROM jsonb_populate_recordset(NULL::"Alert", ${JSON.stringify(alerts)}::jsonb)
    ON CONFLICT ("tenantId", "dedupTag") DO UPDATE SET "lastFiredAt" = EXCLUDED."lastFiredAt",
      "occurrences" = "Alert"."occurrences" + EXCLUDED."occurrences", "context" = EXCLUDED."context"
    RETURNING "id"`
  const ids = new Set(rows.map((row) => row.id))
  return alerts.filter((alert) => ids.has(alert.id))
}

/** Resolves the fired alerts of a rule that bear one of the tags, or all but those of `except`. */
export async function resolve(
  db: Db,
  tenantId: string,
  ruleId: string,
  tags: { only: string[] } | { except: string[] },
  resolvedAt: Date,
): Promise<Alert[]> {
  const tagged =
    'only' in tags ? Prisma.sql`"dedupTag" = ANY(${tags.only})` : Prisma.sql`"dedupTag" <> ALL(${tags.except})`
  const rows = await db.$queryRaw<Prisma.AlertGetPayload<object>[]>`
    UPDATE "Alert" SET "condition" = 'Resolved', "resolvedAt" = ${resolvedAt}, "dedupTag" = NULL
    WHERE "tenantId" = ${tenantId}::uuid AND "ruleId" = ${ruleId} AND "condition" = 'Fired' AND ${tagged} RETURNING *`
  return rows.map(toAlert)
}

export const findAlert = async (db: Db, tenantId: string, id: string) => {
  const row = await db.alert.findFirst({ where: { id, tenantId } })
  return row && toAlert(row)
}

export const findAlerts = async (
  db: Db,
  tenantId: string,
  where: { from?: Date; condition?: string },
  limit: number,
) => {
  const { from, condition } = where
  const rows = await db.alert.findMany({
    where: { tenantId, condition, lastFiredAt: from && { gte: from } },
    orderBy: [{ firedAt: 'desc' }, { id: 'asc' }],
    take: limit,
  })
  return rows.map(toAlert)
}

export async function countFired(db: Db, tenantId: string): Promise<{ severity: number; count: number }[]> {
  const rows = await db.alert.groupBy({ by: ['severity'], where: { tenantId, condition: 'Fired' }, _count: true })
  return rows.map((r) => ({ severity: r.severity, count: r._count }))
}

/** A closed alert gives its dedup tag up: what happens next is a new one. */
export const saveState = (db: Db, alert: Alert, state: Alert['state'], by: string) =>
  db.alert.update({
    where: { id: alert.id },
    data: { state, stateChangedBy: by, ...(state === 'Closed' ? { dedupTag: null } : {}) },
  })

export const insertEvents = (db: Db, events: { alertId: string; at: Date; what: string; by: string }[]) =>
  db.alertEvent.createMany({ data: events })

export const findEvents = (db: Db, alertId: string) =>
  db.alertEvent.findMany({ where: { alertId }, orderBy: { seq: 'asc' }, select: { at: true, what: true, by: true } })

export async function insertDeliveries(db: Db, deliveries: Delivery[]): Promise<void> {
  await db.alertDelivery.createMany({
    data: deliveries.map(({ nextAttemptMs, payload, ...same }) => ({
      ...same,
      payload: json(payload),
      nextAttemptMs: BigInt(nextAttemptMs),
    })),
  })
}

/**
 * Claims a delivery whose time has come, for so long: an engine that dies with it leaves it to another. Null when none
 * is due. @param statuses which deliveries are tried.
 */
export async function claimDelivery(
  db: Db,
  statuses: string[],
  nowMs: number,
  leaseMs: number,
): Promise<Delivery | null> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE "AlertDelivery" SET "attempts" = "attempts" + 1, "nextAttemptMs" = ${BigInt(nowMs + leaseMs)}, "status" = 'Pending'
    WHERE "id" = (SELECT "id" FROM "AlertDelivery" WHERE "status" = ANY(${statuses}::text[]) AND "nextAttemptMs" <= ${BigInt(nowMs)}
      ORDER BY "nextAttemptMs" LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING "id"`
  const row = rows[0] && (await db.alertDelivery.findUnique({ where: { id: rows[0].id } }))
  return row ? toDelivery(row) : null
}

export async function recordAttempt(
  db: Db,
  delivery: Delivery,
  outcome: AttemptOutcome & { at: Date; workMs: number },
  next: { status: string; nextAttemptMs?: number; ended: boolean },
): Promise<void> {
  const { at, workMs, succeeded, answer, message } = outcome
  await db.deliveryAttempt.create({ data: { deliveryId: delivery.id, at, workMs, succeeded, answer, message } })
  await db.alertDelivery.update({
    where: { id: delivery.id },
    data: {
      status: next.status,
      ...(next.nextAttemptMs === undefined ? {} : { nextAttemptMs: BigInt(next.nextAttemptMs) }),
      endedAt: next.ended ? at : null,
      lastError: succeeded ? null : message,
    },
  })
}

export async function findDeliveries(
  db: Db,
  tenantId: string,
  where: { alertId?: string; actionGroupId?: string },
  limit: number,
) {
  const rows = await db.alertDelivery.findMany({
    where: { tenantId, alertId: where.alertId, actionGroupId: where.actionGroupId && sameText(where.actionGroupId) },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: limit,
    include: { log: { orderBy: { seq: 'asc' } } },
  })
  return rows.map((row) => ({ ...toDelivery(row), log: row.log }))
}

export type NewInboxMessage = Prisma.InboxMessageCreateManyInput
export const insertInbox = (db: Db, messages: NewInboxMessage[]) => db.inboxMessage.createMany({ data: messages })

export const findInbox = (db: Db, tenantId: string, limit: number) =>
  db.inboxMessage.findMany({ where: { tenantId }, orderBy: { seq: 'desc' }, take: limit })

export async function findInboxMark(db: Db, principalId: string): Promise<number> {
  return Number((await db.inboxMark.findUnique({ where: { principalId } }))?.seenSeq ?? 0)
}

export async function saveInboxMark(db: Db, principalId: string, seq: number): Promise<void> {
  const data = { seenSeq: BigInt(seq) }
  await db.inboxMark.upsert({ where: { principalId }, update: data, create: { principalId, ...data } })
}
