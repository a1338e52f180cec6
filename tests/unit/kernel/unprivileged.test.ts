import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chooseUnprivileged, closedFolder, unprivilegedCommand } from '@/server/kernel/unprivileged'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-unit-'))
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'home/data'), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the account PostgreSQL runs under', () => {
  it('is our own unless we are root', () => {
    chmodSync(join(folder, 'home'), 0o700)
    expect(chooseUnprivileged([join(folder, 'home/data/pg')], false)).toBe('same')
    expect(unprivilegedCommand('same', 'postgres', ['-D', 'x'])).toEqual({
      command: 'postgres',
      args: ['-D', 'x'],
      options: {},
    })
  })

  it('is nobody when root can let it pass through all folders', () => {
    expect(chooseUnprivileged([join(folder, 'home/data/pg')], true)).toBe('nobody')
    expect(unprivilegedCommand('nobody', 'postgres', []).options).toEqual({ uid: 65534, gid: 65534 })
  })

  it('is found to be locked out by the outermost closed folder', () => {
    chmodSync(join(folder, 'home/data'), 0o700)
    chmodSync(join(folder, 'home'), 0o750)
    expect(closedFolder(join(folder, 'home/data/pg'))).toBe(join(folder, 'home'))
  })

  it('is found to pass where every folder is open, whatever the mode of the last one', () => {
    mkdirSync(join(folder, 'home/data/pg'), { mode: 0o700 })
    expect(closedFolder(join(folder, 'home/data/pg'))).toBeUndefined()
  })
})
