import type { Db, Prisma } from '@/server/kernel/db'
import type { HsmAssignment, HsmJob, ManagedHsm, NetworkAcls } from './model'
import type { SecurityDomain } from './model/security-domain'

/** What of a pool no reader but the security domain's own code gets to see. */
const SECRETS = {
  securityDomain: true,
  sealedPoolKey: true,
  sealedExchangeKey: true,
  exchangeCertificate: true,
} as const

type HsmRow = Omit<Prisma.ManagedHsmGetPayload<object>, keyof typeof SECRETS>

const toHsm = ({ nameKey: _, ...row }: HsmRow): ManagedHsm => ({
  ...row,
  networkAcls: row.networkAcls as NetworkAcls,
  tags: row.tags as Record<string, string>,
})

export async function findByName(db: Db, name: string): Promise<ManagedHsm | null> {
  const row = await db.managedHsm.findUnique({ where: { nameKey: name.toLowerCase() }, omit: SECRETS })
  return row && toHsm(row)
}

/** Finds a pool and holds its row until the transaction ends. */
export async function lockByName(db: Db, name: string): Promise<ManagedHsm | null> {
  await db.$queryRaw`SELECT 1 FROM "ManagedHsm" WHERE "nameKey" = ${name.toLowerCase()} FOR UPDATE`
  return findByName(db, name)
}

export async function findAll(db: Db, tenantId: string, deleted: boolean): Promise<ManagedHsm[]> {
  const where = { tenantId, deletedAt: deleted ? { not: null } : null }
  return (await db.managedHsm.findMany({ where, orderBy: { nameKey: 'asc' }, omit: SECRETS })).map(toHsm)
}

export async function insert(db: Db, hsm: ManagedHsm): Promise<void> {
  await db.managedHsm.create({ data: { ...hsm, nameKey: hsm.name.toLowerCase() } })
}

export type DomainSecrets = {
  sealedPoolKey: Uint8Array<ArrayBuffer> | null
  sealedExchangeKey: Uint8Array<ArrayBuffer> | null
  exchangeCertificate: string | null
}

export async function findDomainSecrets(db: Db, id: string): Promise<DomainSecrets> {
  const select = { sealedPoolKey: true, sealedExchangeKey: true, exchangeCertificate: true }
  return db.managedHsm.findUniqueOrThrow({ where: { id }, select })
}

export async function save(
  db: Db,
  id: string,
  data: Partial<ManagedHsm> & Partial<Omit<DomainSecrets, 'securityDomain'>> & { securityDomain?: SecurityDomain },
): Promise<void> {
  await db.managedHsm.update({ where: { id }, data })
}

export async function remove(db: Db, id: string): Promise<void> {
  await db.hsmRoleAssignment.deleteMany({ where: { hsmId: id } })
  await db.managedHsm.delete({ where: { id } })
}

export const findAssignments = (db: Db, hsmId: string): Promise<HsmAssignment[]> =>
  db.hsmRoleAssignment.findMany({ where: { hsmId }, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })

export async function insertAssignment(db: Db, assignment: HsmAssignment): Promise<void> {
  await db.hsmRoleAssignment.create({ data: assignment })
}

export async function removeAssignment(db: Db, hsmId: string, id: string): Promise<void> {
  await db.hsmRoleAssignment.deleteMany({ where: { id, hsmId } })
}

const JOB = { id: true, tenantId: true, hsmId: true, kind: true, containerUri: true, folder: true, at: true } as const

export async function insertJob(db: Db, job: HsmJob & { blob: Uint8Array<ArrayBuffer> | null }): Promise<void> {
  await db.hsmJob.create({ data: job })
}

export const findJob = async (db: Db, hsmId: string, kind: HsmJob['kind'], id: string): Promise<HsmJob | null> =>
  (await db.hsmJob.findFirst({ where: { id, hsmId, kind }, select: JOB })) as HsmJob | null

/** The newest backups of a pool. */
export const findBackups = async (db: Db, hsmId: string, limit: number): Promise<HsmJob[]> =>
  (await db.hsmJob.findMany({
    where: { hsmId, kind: 'backup' },
    orderBy: [{ at: 'desc' }, { id: 'asc' }],
    take: limit,
    select: JOB,
  })) as HsmJob[]

export async function findBlob(
  db: Db,
  where: { tenantId: string; containerUri: string; folder: string },
): Promise<Uint8Array | null> {
  return (await db.hsmJob.findFirst({ where: { ...where, kind: 'backup' }, select: { blob: true } }))?.blob ?? null
}

/** Puts the local roles of a backup in the place of those that there are. */
export async function replaceAssignments(db: Db, hsmId: string, assignments: HsmAssignment[]): Promise<void> {
  await db.hsmRoleAssignment.deleteMany({ where: { hsmId } })
  await db.hsmRoleAssignment.createMany({ data: assignments })
}
