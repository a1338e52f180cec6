import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { TokenConfig } from '@/server/kernel/config'

/** A fresh token of SoftHSM2, or null where the test command found none. Top level of a file only. */
export function softHsmToken(): TokenConfig | null {
  const module = process.env.PORTCULLIS_TEST_PKCS11
  if (!module) return null
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-token-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'tokens'))
  const conf = join(folder, 'softhsm2.conf')
  writeFileSync(
    conf,
    `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  )
  process.env.SOFTHSM2_CONF = conf
  const pinFile = join(folder, 'pin')
  writeFileSync(pinFile, '482915\n')
  chmodSync(pinFile, 0o600)
  const args = ['--init-token', '--free', '--label', 'pool', '--pin', '482915', '--so-pin', '771203']
  const made = spawnSync('softhsm2-util', args, { env: process.env, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`softhsm2-util: ${made.stderr}`)
  return { module, label: 'pool', pinFile }
}
