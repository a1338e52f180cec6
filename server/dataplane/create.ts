import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { sealTree } from '@/server/storage/service'
import { type Home, homeAt } from './layout'
import type { Machine } from './machine'
import { ENGINE_VERSION, type LendDek } from './model'
import { ensureTemplate } from './template'

export type Manifest = { serverId: string; generation: string; version: string }

export const readManifest = (home: Home): Manifest | null =>
  existsSync(home.manifest) ? (JSON.parse(readFileSync(home.manifest, 'utf8')) as Manifest) : null

/** Makes a sealed data folder of the template that every new server begins with. */
export const fromTemplate =
  (machine: Machine, lend: LendDek) =>
  async (data: string): Promise<void> => {
    const template = await ensureTemplate(machine.dataDir, machine.binaries, machine.runAs)
    const owner = machine.owner === undefined ? undefined : { uid: machine.owner, gid: machine.owner }
    await lend((dek) => sealTree({ from: template, to: data, dek, owner }))
  }

/** Built beside and renamed: a cluster is there whole or not at all. `fill` makes its data folder. */
export async function createCluster(
  home: Home,
  who: { serverId: string; generation: string },
  fill: (data: string) => Promise<void>,
  destroy: () => Promise<void>,
): Promise<void> {
  if (readManifest(home)?.generation === who.generation) return
  await destroy()
  const draft = homeAt(`${home.folder}.new`, home.socketFolder)
  rmSync(draft.folder, { recursive: true, force: true })
  mkdirSync(draft.folder, { mode: 0o711 })
  await fill(draft.data)
  writeFileSync(draft.manifest, JSON.stringify({ ...who, version: ENGINE_VERSION } satisfies Manifest))
  renameSync(draft.folder, home.folder)
}

export function destroyCluster(home: Home): void {
  for (const folder of [home.folder, `${home.folder}.new`, home.socketFolder])
    rmSync(folder, { recursive: true, force: true })
}
