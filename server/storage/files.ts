import { randomBytes } from 'node:crypto'
import { copyFile, type FileHandle, open, stat } from 'node:fs/promises'
import { AppError } from '@/server/kernel/errors'
import { readSeal, writeSeal } from './attributes'
import { deriveFileKeys, isSameCheck, openBytes, sealBytes } from './crypto'
import { FORMAT_VERSION, ID_BYTES, UNIT_BYTES } from './model'

const CHUNK_BYTES = 128 * UNIT_BYTES

type Change = (bytes: Buffer, offset: number) => Buffer

/** Seals a plain file under a fresh id. */
export async function sealFile(from: string, to: string, dek: Buffer): Promise<void> {
  const key = await createSealed(to, dek)
  try {
    await stream(from, to, (bytes, offset) => sealBytes(key, bytes, offset))
  } finally {
    key.fill(0)
  }
}

/** Writes a small file sealed. */
export async function writeSealed(path: string, bytes: Buffer, dek: Buffer): Promise<void> {
  const key = await createSealed(path, dek)
  const file = await open(path, 'r+')
  try {
    await file.writeFile(sealBytes(key, bytes, 0))
    await file.sync()
  } finally {
    key.fill(0)
    await file.close()
  }
}

/** Seals a sealed file again under another DEK and a fresh id; the clear text stays in memory. */
export async function resealFile(from: string, fromDek: Buffer, to: string, toDek: Buffer): Promise<void> {
  const opener = await keyOf(from, fromDek)
  const sealer = await createSealed(to, toDek)
  try {
    await stream(from, to, (bytes, offset) => sealBytes(sealer, openBytes(opener, bytes, offset), offset))
  } finally {
    opener.fill(0)
    sealer.fill(0)
  }
}

/** Copies a sealed file with its id; needs no key. One that was made this moment may still be empty and without a seal. */
export async function copySealedFile(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const seal = await readSeal(from)
  if (seal) await writeSeal(to, seal)
  else if ((await stat(to)).size > 0) throw notSealed(from)
}

/** A part of a file as it lies on the disk and as the server sees it; `offset` is a multiple of 8 KiB. */
export async function readBoth(
  path: string,
  dek: Buffer,
  offset: number,
  length: number,
): Promise<{ sealed: Buffer; opened: Buffer }> {
  const key = await keyOf(path, dek)
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
    const sealed = buffer.subarray(0, bytesRead)
    return { sealed, opened: openBytes(key, sealed, offset) }
  } finally {
    key.fill(0)
    await file.close()
  }
}

/** Reads a file in parts, also a plain one when there is no DEK. @returns how many bytes were read. */
export async function scan(init: {
  path: string
  dek: Buffer | null
  from?: number
  length?: number
  part: (sealed: Buffer, opened: Buffer | null) => void
}): Promise<number> {
  const { path, dek, from = 0, length = Number.POSITIVE_INFINITY, part } = init
  const key = dek && (await keyOf(path, dek))
  const file = await open(path, 'r')
  const buffer = Buffer.alloc(Math.min(CHUNK_BYTES, length))
  let done = 0
  try {
    while (done < length) {
      const read = await fillFrom(file, buffer, from + done)
      const sealed = buffer.subarray(0, Math.min(read, length - done))
      const opened = key && openBytes(key, sealed, from + done)
      part(sealed, opened)
      opened?.fill(0)
      done += sealed.length
      if (read < buffer.length) break
    }
    return done
  } finally {
    key?.fill(0)
    await file.close()
  }
}

/** @throws AppError `SealedStorageUnusable` when the file is not sealed, or in a format of another version. */
export async function sealOf(path: string) {
  const seal = await readSeal(path)
  if (seal) return seal
  throw notSealed(path)
}

const notSealed = (path: string) =>
  new AppError('SealedStorageUnusable', {
    publicMessage: `${path} is not sealed: it is not from this data folder, or was copied without its extended attributes.`,
  })

/** The key of a sealed file. @throws AppError `SealedStorageUnusable` when the DEK is not the one that sealed it. */
async function keyOf(path: string, dek: Buffer): Promise<Buffer> {
  const seal = await sealOf(path)
  const { key, check } = deriveFileKeys(dek, seal.id)
  if (isSameCheck(check, seal.check)) return key
  key.fill(0)
  throw new AppError('SealedStorageUnusable', {
    publicMessage: `${path} is sealed under another data encryption key, or its seal was changed.`,
  })
}

/** An empty file with a seal of its own; its key. */
async function createSealed(path: string, dek: Buffer): Promise<Buffer> {
  const file = await open(path, 'wx', 0o600)
  await file.close()
  const id = randomBytes(ID_BYTES)
  const { key, check } = deriveFileKeys(dek, id)
  await writeSeal(path, { version: FORMAT_VERSION, id, check })
  return key
}

async function stream(from: string, to: string, change: Change): Promise<void> {
  const source = await open(from, 'r')
  const target = await open(to, 'r+').catch(async (error) => {
    await source.close()
    throw error
  })
  try {
    const units = Math.ceil((await source.stat()).size / UNIT_BYTES)
    const buffer = Buffer.alloc(Math.min(CHUNK_BYTES, Math.max(1, units) * UNIT_BYTES))
    for (let offset = 0; ; ) {
      const length = await fillFrom(source, buffer, offset)
      if (length === 0) break
      await writeFully(target, change(buffer.subarray(0, length), offset), offset)
      if (length < buffer.length) break
      offset += length
    }
    buffer.fill(0)
  } finally {
    await source.close()
    await target.close()
  }
}

async function fillFrom(file: FileHandle, buffer: Buffer, offset: number): Promise<number> {
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, offset + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return length
}

async function writeFully(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten
  }
}
