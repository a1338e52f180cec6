import { constants } from 'node:os'
import { AppError } from '@/server/kernel/errors'
import { buildAttributes } from './build'
import { CHECK_BYTES, FORMAT_VERSION, ID_BYTES, SEAL_ATTRIBUTE, type Seal } from './model'

/** Functions of native/attributes.c: a number is an errno, 0 for none. */
type Native = {
  get(path: string, name: string): Buffer | number
  set(path: string, name: string, value: Buffer): number
}

let loaded: Promise<Native> | undefined

async function load(): Promise<Native> {
  const module = { exports: {} }
  process.dlopen(module, (await buildAttributes()).path)
  return module.exports as Native
}

const native = (): Promise<Native> => (loaded ??= load())

const unusable = (publicMessage: string) => new AppError('SealedStorageUnusable', { publicMessage })

/**
 * The seal of a file; null when it has none.
 * @throws AppError `SealedStorageUnusable` when it is damaged or of a version newer than ours.
 */
export async function readSeal(path: string): Promise<Seal | null> {
  const value = (await native()).get(path, SEAL_ATTRIBUTE)
  if (value === constants.errno.ENODATA) return null
  if (typeof value === 'number') throw systemError('getxattr', path, value)
  const version = value[0]!
  if (version > FORMAT_VERSION) {
    throw unusable(
      `${path} is sealed in format ${version}, which is newer than format ${FORMAT_VERSION} of this version of Portcullis. Start the version that wrote it.`,
    )
  }
  if (version !== FORMAT_VERSION || value.length !== 1 + ID_BYTES + CHECK_BYTES) {
    throw unusable(`The seal of ${path} is damaged.`)
  }
  return { version, id: value.subarray(1, 1 + ID_BYTES), check: value.subarray(1 + ID_BYTES) }
}

export async function writeSeal(path: string, { version, id, check }: Seal): Promise<void> {
  const error = (await native()).set(path, SEAL_ATTRIBUTE, Buffer.concat([Buffer.of(version), id, check]))
  if (error === constants.errno.EOPNOTSUPP) {
    throw unusable(
      `The file system of ${path} keeps no extended attributes, and sealed files need one. Move the data folder to ext4, XFS, Btrfs or ZFS.`,
    )
  }
  if (error !== 0) throw systemError('setxattr', path, error)
}

function systemError(syscall: string, path: string, errno: number): Error {
  const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0]
  return Object.assign(new Error(`${syscall} ${path}: ${code ?? errno}`), { code, errno: -errno, syscall, path })
}
