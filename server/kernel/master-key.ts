import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Config } from './config'

type Settings = Pick<Config, 'dataDir' | 'masterKeyHex' | 'masterKeyVaultKey'>

/** A key store that wraps and unwraps the master key. */
export type MasterKeyVault = {
  describeKey(keyUri: string): Promise<{ kid: string }>
  wrapKey(kid: string, plain: Uint8Array): Promise<{ kid: string; wrapped: Uint8Array }>
  unwrapKey(kid: string, wrapped: Uint8Array): Promise<Buffer>
}

const fileOf = ({ dataDir }: Settings) => join(dataDir, 'master.key')
const HEX = /^[0-9a-f]{64}$/i
/** What `master.key` holds when a vault guards it: nothing that opens anything by itself. */
const wrappedFile = z.object({ kid: z.url(), wrapped: z.base64() })
type Wrapped = z.infer<typeof wrappedFile>

/** Loads the master key from the configuration, else from `master.key` in the data folder, which is made at first use (mode 0600). */
export function loadMasterKey(config: Settings): Buffer {
  if (config.masterKeyHex) return Buffer.from(config.masterKeyHex, 'hex')
  const file = fileOf(config)
  if (!existsSync(file)) publish(file, randomBytes(32).toString('hex'))
  const kept = read(file)
  if (Buffer.isBuffer(kept)) return kept
  throw new Error(
    `${file} is wrapped under ${kept.kid}. Set PORTCULLIS_MASTER_KEY_VAULT_KEY to that key, so that it can be opened.`,
  )
}

/**
 * Loads the master key, by the vault that guards it where one is configured. A key that lies in the clear is wrapped
 * then, and one that is wrapped under another key is wrapped anew.
 * @throws Error saying which key was asked and why it did not open.
 */
export async function openMasterKey(
  config: Settings,
  vault: () => MasterKeyVault | Promise<MasterKeyVault>,
): Promise<Buffer> {
  const { masterKeyVaultKey: guard } = config
  if (!guard || config.masterKeyHex) return loadMasterKey(config)
  const file = fileOf(config)
  // Decided before anything is waited for: a file that another process makes meanwhile is not replaced.
  const there = existsSync(file)
  const kept = there ? read(file) : randomBytes(32)
  const store = await vault()
  const asked = Buffer.isBuffer(kept) ? guard : kept.kid
  try {
    if (!Buffer.isBuffer(kept) && isVersionOf(kept.kid, guard))
      return await store.unwrapKey(kept.kid, Buffer.from(kept.wrapped, 'base64'))
    const key = Buffer.isBuffer(kept) ? kept : await store.unwrapKey(kept.kid, Buffer.from(kept.wrapped, 'base64'))
    const { kid } = await store.describeKey(guard)
    const { wrapped } = await store.wrapKey(kid, key)
    publish(file, JSON.stringify({ kid, wrapped: Buffer.from(wrapped).toString('base64') }), there)
  } catch (error) {
    throw new Error(`The master key cannot be opened by ${asked}: ${(error as Error).message}`, { cause: error })
  }
  // Another process may have been first: what lies there now is what counts.
  return openMasterKey(config, () => store)
}

/** Whether a versioned identifier is of the key that is configured, or just the version that is. */
const isVersionOf = (kid: string, guard: string): boolean =>
  kid.toLowerCase() === guard.toLowerCase() ||
  kid.toLowerCase().startsWith(`${guard.toLowerCase().replace(/\/$/, '')}/`)

function read(file: string): Buffer | Wrapped {
  const text = readFileSync(file, 'utf8').trim()
  if (HEX.test(text)) return Buffer.from(text, 'hex')
  try {
    return wrappedFile.parse(JSON.parse(text))
  } catch {
    throw new Error(`${file} holds neither 64 hex characters nor a wrapped key. Put its backup back.`)
  }
}

/** Two processes may start at once: linking a finished file lets exactly one of them win, and never half a key. */
function publish(file: string, content: string, replace = false): void {
  mkdirSync(join(file, '..'), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${content}\n`, { mode: 0o600 })
  if (replace) {
    renameSync(draft, file)
    return
  }
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
}
