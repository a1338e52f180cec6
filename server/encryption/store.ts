import type { Db } from '@/server/kernel/db'
import type { DekRole, Envelope } from './model'

type Row = Omit<Envelope, 'role'> & { role: string }
const toEnvelope = (row: Row): Envelope => ({ ...row, role: row.role as DekRole })

export async function findEnvelope(db: Db, serverId: string, role: DekRole): Promise<Envelope | null> {
  const row = await db.envelope.findFirst({
    where: { serverId, role, supersededAt: null },
    orderBy: { sequence: 'desc' },
  })
  return row && toEnvelope(row)
}

export async function listEnvelopes(db: Db, where: { serverId: string }): Promise<Envelope[]> {
  const rows = await db.envelope.findMany({
    where: { serverId: where.serverId },
    orderBy: [{ serverId: 'asc' }, { role: 'asc' }, { sequence: 'desc' }],
  })
  return rows.map(toEnvelope)
}

export async function listCurrent(db: Db, serverIds: string[]): Promise<Envelope[]> {
  const rows = await db.envelope.findMany({ where: { serverId: { in: serverIds }, supersededAt: null } })
  return rows.map(toEnvelope)
}

/** Makes an earlier envelope the current one again and forgets those that followed it. */
export async function revertTo(db: Db, target: { serverId: string; role: DekRole; sequence: number }): Promise<void> {
  const { serverId, role, sequence } = target
  await db.envelope.deleteMany({ where: { serverId, role, sequence: { gt: sequence } } })
  await db.envelope.updateMany({ where: { serverId, role, sequence }, data: { supersededAt: null } })
}

export async function insertEnvelope(db: Db, envelope: Envelope): Promise<void> {
  const bytes = (b: Uint8Array) => Uint8Array.from(b)
  await db.envelope.create({
    data: {
      ...envelope,
      wrappedDek: bytes(envelope.wrappedDek),
      keyCheckValue: bytes(envelope.keyCheckValue),
      mac: bytes(envelope.mac),
    },
  })
}

export async function insertEnvelopes(db: Db, envelopes: Envelope[]): Promise<void> {
  const bytes = (b: Uint8Array) => Uint8Array.from(b)
  await db.envelope.createMany({
    data: envelopes.map((e) => ({
      ...e,
      wrappedDek: bytes(e.wrappedDek),
      keyCheckValue: bytes(e.keyCheckValue),
      mac: bytes(e.mac),
    })),
  })
}

/** Retires envelopes that are still in force; returns the ids of those it retired. */
export async function supersedeEnvelopes(db: Db, ids: string[], at: Date): Promise<string[]> {
  const rows = await db.envelope.updateManyAndReturn({
    where: { id: { in: ids }, supersededAt: null },
    data: { supersededAt: at },
    select: { id: true },
  })
  return rows.map((row) => row.id)
}

export async function deleteEnvelopes(db: Db, serverId: string): Promise<void> {
  await db.envelope.deleteMany({ where: { serverId } })
}
