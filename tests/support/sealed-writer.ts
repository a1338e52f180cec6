import { type ChildProcess, execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureSealLibrary, spawnSealed } from '@/server/storage/service'

/** A program of plain C that knows nothing of sealing, run with the library: one answer for each line. */
export type Writer = { ask(line: string): Promise<string>; child: ChildProcess; end(): Promise<void> }

export function buildWriter(folder: string): string {
  const path = join(folder, 'writer')
  execFileSync(process.env.CC ?? 'cc', ['-O1', '-o', path, resolve('tests/support/sealed-writer.c')], { stdio: 'pipe' })
  return path
}

/** @param alone as a server, which shares its folder with nobody. */
export async function startWriter(bin: string, dataDir: string, dek: Buffer, alone = false): Promise<Writer> {
  const library = await ensureSealLibrary()
  if (!library.available) throw new Error(library.reason)
  mkdirSync(dataDir, { recursive: true })
  const child = spawnSealed({
    library: library.path,
    bin,
    args: [],
    dek,
    dataDir,
    countersPath: `${dataDir}.counters`,
    env: { NODE_ENV: 'test', ...(!alone && { PORTCULLIS_SEAL_SHARED: '1' }) },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const waiting: ((line: string) => void)[] = []
  child.once('close', () => {
    for (const answer of waiting.splice(0)) answer('the writer is gone')
  })
  createInterface({ input: child.stdout! }).on('line', (line) => waiting.shift()?.(line))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.stdin!.on('error', () => undefined)
  return {
    child,
    ask: (line) =>
      new Promise((resolve) => {
        waiting.push(resolve)
        child.stdin!.write(`${line}\n`)
      }),
    end: async () => {
      child.stdin!.end()
      await ended
    },
  }
}
