import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65535)

const environment = z.object({
  PORTCULLIS_PORTAL_PORT: port.default(3000),
  PORTCULLIS_HTTPS_PORT: port.default(8443),
  PORTCULLIS_POSTGRES_PORT: port.default(5432),
  /** Address that portal, HTTPS and PostgreSQL listen on. Default: the loopback, as nobody has to sign in. */
  PORTCULLIS_BIND_ADDRESS: z.union([z.ipv4(), z.ipv6()]).optional(),
  /** Real minutes without a session after which a database goes to sleep. */
  PORTCULLIS_IDLE_MINUTES: z.coerce.number().positive().default(10),
  PORTCULLIS_DATA_DIR: z.string().default('.portcullis'),
  DATABASE_URL: z.string().url().optional(),
  /** `simulated`: our own vaults in process. `azure`: real vaults over HTTPS with DefaultAzureCredential. */
  PORTCULLIS_KEY_STORE: z.enum(['simulated', 'azure']).default('simulated'),
  /** Master key that seals private keys at rest: 64 hex characters. Default: the file `master.key` in the data folder. */
  PORTCULLIS_MASTER_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i)
    .optional(),
  /**
   * A key of a real vault (`https://NAME.vault.azure.net/keys/KEY`) under which `master.key` is wrapped: it is unwrapped
   * at each start, by the machine's own Azure credential.
   */
  PORTCULLIS_MASTER_KEY_VAULT_KEY: z.url({ protocol: /^https$/ }).optional(),
  /** A PKCS #11 module (path of a shared library) whose token holds the keys of managed HSMs, the token's label, and a file with its PIN. */
  PORTCULLIS_PKCS11_MODULE: z.string().min(1).optional(),
  PORTCULLIS_PKCS11_TOKEN: z.string().min(1).optional(),
  PORTCULLIS_PKCS11_PIN_FILE: z.string().min(1).optional(),
  /** Mail server that alerts go out by, e.g. `smtp://user:password@host:587`. */
  PORTCULLIS_SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  PORTCULLIS_SMTP_FROM: z.string().default('Portcullis <portcullis@localhost>'),
  /** Which engine this is: stable over restarts, so that it takes up its own unfinished work. */
  PORTCULLIS_ENGINE_ID: z.string().default('engine-1'),
})

export type TokenConfig = { module: string; label: string; pinFile: string }

export type Config = {
  portalPort: number
  httpsPort: number
  postgresPort: number
  /** Undefined: the loopback only. */
  bindAddress?: string
  idleMinutes?: number
  dataDir: string
  databaseUrl: string
  keyStore: 'simulated' | 'azure'
  masterKeyHex?: string
  masterKeyVaultKey?: string
  token?: TokenConfig | null
  engineId: string
  /** Null: e-mails wait as undeliverable. */
  mail?: { url: string; from: string } | null
}

/**
 * Reads the environment once. The database URL comes from `DATABASE_URL`, else from the file `database.url` that the
 * embedded database's supervisor writes into the data folder (mode 0600).
 * @throws Error naming the variable that is missing or malformed.
 */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`)
    throw new Error(`The environment is not usable:\n  ${lines.join('\n  ')}`)
  }
  const e = parsed.data
  const dataDir = resolve(e.PORTCULLIS_DATA_DIR)
  const urlFile = join(dataDir, 'database.url')
  const databaseUrl = e.DATABASE_URL ?? (existsSync(urlFile) ? readFileSync(urlFile, 'utf8').trim() : '')
  return {
    portalPort: e.PORTCULLIS_PORTAL_PORT,
    httpsPort: e.PORTCULLIS_HTTPS_PORT,
    postgresPort: e.PORTCULLIS_POSTGRES_PORT,
    bindAddress: e.PORTCULLIS_BIND_ADDRESS,
    idleMinutes: e.PORTCULLIS_IDLE_MINUTES,
    dataDir,
    databaseUrl,
    keyStore: e.PORTCULLIS_KEY_STORE,
    masterKeyHex: e.PORTCULLIS_MASTER_KEY,
    masterKeyVaultKey: e.PORTCULLIS_MASTER_KEY_VAULT_KEY,
    token: readToken(e),
    engineId: e.PORTCULLIS_ENGINE_ID,
    mail: e.PORTCULLIS_SMTP_URL ? { url: e.PORTCULLIS_SMTP_URL, from: e.PORTCULLIS_SMTP_FROM } : null,
  }
}

function readToken(e: z.infer<typeof environment>): TokenConfig | null {
  const { PORTCULLIS_PKCS11_MODULE: module, PORTCULLIS_PKCS11_TOKEN: label, PORTCULLIS_PKCS11_PIN_FILE: pinFile } = e
  if (!module) return null
  if (!label || !pinFile)
    throw new Error('PORTCULLIS_PKCS11_MODULE needs PORTCULLIS_PKCS11_TOKEN and PORTCULLIS_PKCS11_PIN_FILE beside it.')
  return { module, label, pinFile }
}
