import { ENGINE_VERSION } from '@/server/dataplane/model'
import type { Ctx } from '@/server/kernel/context'
import { VERSIONS } from '../catalog'
import { type Installation, type InstallationView, installation } from '../contract'
import * as store from '../store'

const NO_ENGINE: Installation = {
  available: false,
  reason: 'No engine has said whether it can run databases.',
  engineVersion: ENGINE_VERSION,
}

/** Writes down what an engine can run, for the portal and for creations. */
export const announceInstallation = (
  db: Ctx['db'],
  engineId: string,
  availability: { available: true } | { available: false; reason: string },
  postgresPort: number,
): Promise<void> =>
  store.saveInstallation(
    db,
    engineId,
    {
      available: availability.available,
      reason: availability.available ? null : availability.reason,
      engineVersion: ENGINE_VERSION,
    } satisfies Installation,
    postgresPort,
  )

/** What this installation can run, and in words why not the rest. */
export async function getInstallation(ctx: Pick<Ctx, 'db'>): Promise<InstallationView> {
  const row = await store.findInstallation(ctx.db)
  const known = row ? installation.parse(row.dataPlane) : NO_ENGINE
  return {
    ...known,
    postgresPort: row?.postgresPort ?? null,
    versions: VERSIONS.map((version) => {
      // Without databases every version can be asked for: only the control plane is there.
      const runnable = !known.available || version === known.engineVersion
      const reason = `This installation brings PostgreSQL ${known.engineVersion} only.`
      return { version, runnable, reason: runnable ? null : reason }
    }),
    entraSignIn: {
      available: false,
      reason: 'Databases here take passwords only; Microsoft Entra sign-in to them is not simulated.',
    },
  }
}
