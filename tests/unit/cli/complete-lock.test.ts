import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { completeLock } from '@/server/cli/complete-lock.mjs'

test('the lock file has an entry for the binaries of every platform, so that `npm ci` takes it anywhere', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  expect(completeLock(lock), 'run `node server/cli/complete-lock.mjs`').toEqual([])
})

test('what is added is for its own platform alone, and what is there already stays', () => {
  const packages = {
    '': { optionalDependencies: { 'tool-win32-x64': '1.0.0' } },
    'node_modules/tool': { dev: true, optionalDependencies: { '@t/linux-arm64-musl': '1.2.3', nested: '2.0.0' } },
    'node_modules/tool/node_modules/nested': { version: '2.0.0' },
  }
  const lock = { packages: structuredClone(packages) as Record<string, object> }
  expect(completeLock(lock)).toEqual(['tool-win32-x64@1.0.0', '@t/linux-arm64-musl@1.2.3'])
  expect(lock.packages).toEqual({
    ...packages,
    'node_modules/@t/linux-arm64-musl': {
      ...{ version: '1.2.3', dev: true, optional: true },
      ...{ os: ['linux'], cpu: ['arm64'], libc: ['musl'] },
    },
    'node_modules/tool-win32-x64': { version: '1.0.0', optional: true, os: ['win32'], cpu: ['x64'] },
  })
  expect(Object.keys(lock.packages)).toEqual(Object.keys(lock.packages).sort())
})

test('a package whose name does not say its platform is not guessed at', () => {
  const lock = { packages: { '': { optionalDependencies: { 'some-tool': '1.0.0' } } } }
  expect(() => completeLock(lock)).toThrow('does not say for which platform')
})
