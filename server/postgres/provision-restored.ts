import type { LendDek } from '@/server/dataplane/model'
import type { PortableEnvelope } from '@/server/encryption/model'
import { currentEnvelope, openUnderDek, sealUnderDek } from '@/server/encryption/service'
import { AppError, invariant } from '@/server/kernel/errors'
import type { Step, StepContext } from '@/server/workflow/model'
import { openersOf, withBackupDek } from './backups'
import { lendDek, requireDataPlane, type ServerDeps } from './data-plane'
import { ADMINISTRATOR_SEAL, keyUses, type ServerRecord } from './model'
import type { ProvisionInput } from './provision.prog'
import * as store from './store'

type StepCtx = StepContext<ProvisionInput>

async function serverOf(ctx: StepCtx): Promise<ServerRecord> {
  const server = await store.findServer(ctx.db, { id: ctx.resourceId })
  invariant(server, `server ${ctx.resourceId} is gone`)
  return server
}

/** Runs with the data key of the backup that the new server is made from. */
async function withSourceDek<T>(
  ctx: StepCtx,
  { keyAccess, dataPlane }: ServerDeps,
  use: (dek: Buffer, source: ServerRecord) => Promise<T>,
): Promise<T> {
  const place = ctx.input.restore!
  const source = await store.findServer(ctx.db, { id: place.serverId })
  if (!source)
    throw new AppError('ResourceNotFound', { publicMessage: `${place.serverName} and its backups were deleted.` })
  const envelope = await requireDataPlane(dataPlane).backupEnvelope<PortableEnvelope>(place)
  const target = keyUses(await serverOf(ctx))[0]!.identity
  return withBackupDek(ctx, keyAccess, envelope, openersOf(source, target), (dek) => use(dek, source))
}

export const openBackup = (deps: ServerDeps): Step<ProvisionInput> => ({
  name: 'openBackup',
  title: 'Unwrap the backup’s data encryption key with the key version that wrapped it',
  async run(ctx) {
    await withSourceDek(ctx, deps, async () => undefined)
    return { detail: `The backup ${ctx.input.restore!.backupName} of ${ctx.input.restore!.serverName} opens.` }
  },
})

export const carryAdministrator = (deps: ServerDeps): Step<ProvisionInput> => ({
  name: 'sealAdministrator',
  title: 'Seal the administrator’s credential anew with the data encryption key',
  async run(ctx) {
    const verifier = await withSourceDek(ctx, deps, async (dek, { id, sealedVerifier }) =>
      sealedVerifier ? openUnderDek(dek, ADMINISTRATOR_SEAL, id, sealedVerifier) : null,
    )
    if (!verifier) return { detail: 'No password: Microsoft Entra authentication only.' }
    const server = await serverOf(ctx)
    const sealed = await lendDek(
      ctx,
      deps.keyAccess,
      server,
    )(async (dek) => sealUnderDek(dek, ADMINISTRATOR_SEAL, server.id, verifier))
    verifier.fill(0)
    await store.updateServer(ctx.db, server.id, { sealedVerifier: sealed })
    return { detail: 'Login and password stay those of the server that was backed up.' }
  },
  undo: (ctx) => store.updateServer(ctx.db, ctx.resourceId, { sealedVerifier: null }),
})

export const restoreCluster = (deps: ServerDeps): Step<ProvisionInput> => ({
  name: 'restoreCluster',
  title: 'Check the backup’s files and seal them anew under the data encryption key',
  async run(ctx) {
    const server = await serverOf(ctx)
    const { id } = await currentEnvelope(ctx, { serverId: server.id, role: 'primary' })
    const lendSource: LendDek = (use) => withSourceDek(ctx, deps, (dek) => use(dek))
    const from = { ...ctx.input.restore!, lend: lendSource }
    await requireDataPlane(deps.dataPlane).restore(server.id, id, from, lendDek(ctx, deps.keyAccess, server))
    return { detail: `As of ${ctx.input.restore!.at}.` }
  },
  undo: async (ctx) => deps.dataPlane?.destroy(ctx.resourceId),
})
