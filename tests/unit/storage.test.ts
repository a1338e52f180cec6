import { randomBytes } from 'node:crypto'
import {
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSeal, writeSeal } from '@/server/storage/attributes'
import { buildLibrary } from '@/server/storage/build'
import { deriveFileKeys, openBytes, sealBytes } from '@/server/storage/crypto'
import { copySealedFile, readBoth, resealFile, sealFile } from '@/server/storage/files'
import { readCounters, readPage, writeSealedFile } from '@/server/storage/service'
import { buildWriter, startWriter, type Writer } from '../support/sealed-writer'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-storage-'))
const data = join(folder, 'data')
const dek = randomBytes(32)
const { O_CREAT, O_RDWR, O_WRONLY, O_APPEND, O_TRUNC } = constants
let bin: string
let writer: Writer

beforeAll(async () => {
  bin = buildWriter(folder)
  writer = await startWriter(bin, data, dek)
})
afterAll(async () => {
  await writer.end()
  rmSync(folder, { recursive: true, force: true })
})

const opened = async (path: string, size = statSync(path).size) => (await readBoth(path, dek, 0, size)).opened
const hex = (bytes: Buffer) => (bytes.length ? bytes.toString('hex') : '-')

describe('the library, against a plain buffer', () => {
  const offset = fc.oneof(
    fc.nat(70_000),
    fc.nat(8).map((n) => n * 8192),
    fc.nat(400).map((n) => n * 16),
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.constantFrom(16, 512, 8192, 16384, 200_000).map((n) => new Uint8Array(n).fill(n % 251)),
  )
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('pwrite' as const, 'writev' as const), offset, bytes }),
    fc.record({ kind: fc.constant('append' as const), bytes }),
    fc.record({ kind: fc.constant('truncate' as const), offset }),
    fc.record({ kind: fc.constantFrom('pread' as const, 'readv' as const), offset, length: fc.nat(40_000) }),
  )

  it('any writes, appends, cuts and reads give what a plain file would, and Node opens what is left', async () => {
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const path = join(data, `fuzz-${run++}`)
        await writer.ask(`open 0 ${path} ${O_CREAT | O_RDWR}`)
        await writer.ask(`open 1 ${path} ${O_WRONLY | O_APPEND}`)
        let model = Buffer.alloc(0)
        for (const s of steps) {
          if (s.kind === 'truncate') {
            expect(await writer.ask(`truncate 0 ${s.offset}`)).toBe('0')
            model = Buffer.concat([model, Buffer.alloc(Math.max(0, s.offset - model.length))]).subarray(0, s.offset)
          } else if ('length' in s) {
            const answer = await writer.ask(`${s.kind} 0 ${s.offset} ${s.length}`)
            expect(answer).toBe(`=${model.subarray(s.offset, s.offset + s.length).toString('hex')}`)
          } else {
            const at = s.kind === 'append' ? model.length : s.offset
            const piece = Buffer.from(s.bytes)
            const line = s.kind === 'append' ? `write 1 ${hex(piece)}` : `${s.kind} 0 ${at} ${hex(piece)}`
            expect(await writer.ask(line)).toBe(String(piece.length))
            if (piece.length) {
              const grown = Buffer.concat([model, Buffer.alloc(Math.max(0, at + piece.length - model.length))])
              piece.copy(grown, at)
              model = grown
            }
          }
        }
        expect(await writer.ask('size 0')).toBe(String(model.length))
        expect((await opened(path)).equals(model)).toBe(true)
        await writer.ask('close 0')
        await writer.ask('close 1')
      }),
      { numRuns: 60 },
    )
  })

  it('a renamed, a copied and a duplicated file reads as before', async () => {
    const path = join(data, 'one')
    await writer.ask(`puts ${path} w ${hex(Buffer.from('first line\n'))}`)
    await writer.ask(`puts ${path} a ${hex(Buffer.from('second, longer line\n'))}`)
    await writer.ask(`rename ${path} ${join(data, 'two')}`)
    await writer.ask(`copy ${join(data, 'two')} ${join(data, 'three')}`)
    const text = `=${Buffer.from('first line\nsecond, longer line\n').toString('hex')}`
    expect(await writer.ask(`gets ${join(data, 'two')}`)).toBe(text)
    expect(await writer.ask(`gets ${join(data, 'three')}`)).toBe(text)
    expect((await readSeal(join(data, 'two')))!.id).not.toEqual((await readSeal(join(data, 'three')))!.id)
    await writer.ask(`open 0 ${join(data, 'two')} ${O_RDWR}`)
    await writer.ask('dup 0 1')
    await writer.ask('close 0')
    expect(await writer.ask('pread 1 0 5')).toBe(`=${Buffer.from('first').toString('hex')}`)
    await writer.ask('close 1')
  })

  it('processes that write inside the same blocks lose nothing of each other', async () => {
    const path = join(data, 'crowd')
    const crowd = await Promise.all([0, 1, 2].map(() => startWriter(bin, data, dek)))
    await Promise.all(crowd.map((one) => one.ask(`open 0 ${path} ${O_CREAT | O_RDWR}`)))
    await Promise.all(crowd.map((one) => one.ask(`open 1 ${path}.log ${O_CREAT | O_WRONLY | O_APPEND}`)))
    const SIZE = 200
    const asks = crowd.flatMap((one, i) =>
      Array.from({ length: SIZE }, (_, n) => [
        one.ask(`pwrite 0 ${n * 15 + i * 5} ${Buffer.alloc(5, 65 + i).toString('hex')}`),
        one.ask(`write 1 ${Buffer.from(`${i}:${n}\n`).toString('hex')}`),
      ]).flat(),
    )
    await Promise.all(asks)
    await Promise.all(crowd.map((one) => one.end()))
    expect((await opened(path)).toString()).toBe('AAAAABBBBBCCCCC'.repeat(SIZE))
    const lines = (await opened(`${path}.log`)).toString().trimEnd().split('\n')
    expect(lines.sort()).toEqual([0, 1, 2].flatMap((i) => Array.from({ length: SIZE }, (_, n) => `${i}:${n}`)).sort())
  })

  it('a server gets no folder that another process has open', async () => {
    const refused = await startWriter(bin, data, dek, true)
    expect(await refused.ask('size 0')).toBe('the writer is gone')
    expect(refused.child.exitCode).toBe(1)
  })

  it('a writer that is killed keeps what it had synced', async () => {
    const victim = await startWriter(bin, data, dek)
    const path = join(data, 'killed')
    const kept = randomBytes(20_005)
    await victim.ask(`open 0 ${path} ${O_CREAT | O_RDWR | O_TRUNC}`)
    await victim.ask(`pwrite 0 0 ${kept.toString('hex')}`)
    await victim.ask('sync 0')
    void victim.ask(`pwrite 0 24576 ${randomBytes(400_000).toString('hex')}`)
    victim.child.kill('SIGKILL')
    await new Promise((resolve) => victim.child.once('close', resolve))
    expect((await opened(path)).subarray(0, kept.length).equals(kept)).toBe(true)
  })

  it('refuses a folder of another key, a file without its seal, and a seal of a newer format', async () => {
    const path = join(data, 'refused')
    const open = async (key = dek) => {
      const one = await startWriter(bin, data, key)
      const answer = await one.ask(`open 0 ${path} ${O_RDWR}`)
      await one.end()
      return answer
    }
    await writer.ask(`puts ${path} w ${hex(Buffer.from('text'))}`)
    expect(await open(randomBytes(32))).toBe('error 129') // EKEYREJECTED
    const seal = (await readSeal(path))!
    await writeSeal(path, { ...seal, id: randomBytes(16) })
    expect(await open()).toBe('error 129')
    await writeSeal(path, { ...seal, version: 2 })
    expect(await open()).toBe('error 93') // EPROTONOSUPPORT
    await expect(readSeal(path)).rejects.toThrow(/format 2, which is newer than format 1/)
    writeFileSync(join(data, 'bare'), 'bytes of nobody')
    expect(await writer.ask(`open 0 ${join(data, 'bare')} ${O_RDWR}`)).toBe('error 74') // EBADMSG
    await expect(opened(join(data, 'bare'))).rejects.toThrow(/is not sealed/)
  })

  it('writes nothing outside the data folder, and counts what it seals and opens', async () => {
    expect(await writer.ask(`open 0 ${join(folder, 'outside')} ${O_CREAT | O_RDWR}`)).toBe('error 1')
    const before = readCounters(`${data}.counters`)
    await writer.ask(`puts ${join(data, 'counted')} w ${hex(Buffer.alloc(16384))}`)
    const after = readCounters(`${data}.counters`)
    expect(after.bytesSealed - before.bytesSealed).toBe(16384)
  })

  it('has its key by the pipe alone: in no environment, argument or descriptor, and in a locked page', () => {
    const proc = (file: string) => readFileSync(`/proc/${writer.child.pid}/${file}`)
    for (const file of ['environ', 'cmdline']) {
      expect(proc(file).includes(dek)).toBe(false)
      expect(proc(file).toString().includes(dek.toString('hex'))).toBe(false)
    }
    expect(readdirSync(`/proc/${writer.child.pid}/fd`)).not.toContain('3')
    expect(Number(/VmLck:\s+(\d+)/.exec(proc('status').toString())![1])).toBeGreaterThan(0)
  })

  it('compiles without a warning', async () => {
    expect((await buildLibrary({ fresh: true })).warnings).toBe('')
  })
})

describe('the format', () => {
  const key = deriveFileKeys(dek, Buffer.alloc(16, 7)).key
  const page = fc.uint8Array({ minLength: 8192, maxLength: 8192 }).map((bytes) => Buffer.from(bytes))

  it('keeps lengths, opens to what was sealed, and shows nothing of it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 20_000 }), (bytes) => {
        const sealed = sealBytes(key, Buffer.from(bytes), 0)
        expect(sealed.length).toBe(bytes.length)
        expect(sealed.includes(Buffer.from(bytes).subarray(0, 16))).toBe(false)
        expect(openBytes(key, sealed, 0).equals(Buffer.from(bytes))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('a flipped bit garbles its block of 16 bytes and no other', () => {
    fc.assert(
      fc.property(page, fc.nat(8191), fc.nat(7), (bytes, at, bit) => {
        const sealed = sealBytes(key, bytes, 8192)
        sealed[at]! ^= 1 << bit
        const after = openBytes(key, sealed, 8192)
        const block = at - (at % 16)
        expect(after.subarray(block, block + 16).equals(bytes.subarray(block, block + 16))).toBe(false)
        after.set(bytes.subarray(block, block + 16), block)
        expect(after.equals(bytes)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('a page moved to another place or another file, or zeroed, opens to no block of what it was', () => {
    const other = deriveFileKeys(dek, Buffer.alloc(16, 8)).key
    fc.assert(
      fc.property(page, (bytes) => {
        const sealed = sealBytes(key, bytes, 0)
        for (const moved of [
          openBytes(key, sealed, 8192),
          openBytes(other, sealed, 0),
          openBytes(key, Buffer.alloc(8192), 0),
        ]) {
          for (let at = 0; at < 8192; at += 16)
            expect(moved.subarray(at, at + 16).equals(bytes.subarray(at, at + 16))).toBe(false)
        }
      }),
      { numRuns: 5 },
    )
  })

  it('Node and the library read each other’s files, whole, cut, copied and resealed', async () => {
    const bytes = randomBytes(1_200_007)
    const [plain, sealed, copy] = ['plain.bin', 'data/sealed.bin', 'data/copy.bin'].map((name) =>
      join(folder, name),
    ) as [string, string, string]
    writeFileSync(plain, bytes)
    await sealFile(plain, sealed, dek)
    await copySealedFile(sealed, copy)
    await writer.ask(`open 0 ${copy} ${O_RDWR}`)
    expect(await writer.ask('pread 0 700001 300')).toBe(`=${bytes.subarray(700001, 700301).toString('hex')}`)
    await writer.ask('truncate 0 700005')
    await writer.ask('close 0')
    expect((await opened(copy)).equals(bytes.subarray(0, 700005))).toBe(true)
    const other = randomBytes(32)
    await resealFile(sealed, dek, join(folder, 'resealed'), other)
    expect((await readBoth(join(folder, 'resealed'), other, 0, bytes.length)).opened.equals(bytes)).toBe(true)
    await writeSealedFile({ path: join(data, 'small'), bytes: Buffer.from('label\n'), dek })
    expect(await writer.ask(`gets ${join(data, 'small')}`)).toBe(`=${Buffer.from('label\n').toString('hex')}`)
    const { sealed: raw, opened: clear } = await readPage({ path: sealed, dek, page: 2 })
    expect(raw.equals(readFileSync(sealed).subarray(16384, 24576))).toBe(true)
    expect(clear.equals(bytes.subarray(16384, 24576))).toBe(true)
    truncateSync(sealed, 0)
  })
})
