import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Ctx } from '@/server/kernel/context'
import { newId } from '@/server/kernel/ids'
import * as keys from '@/server/keys/service'
import { codeOf } from '../support/key-stores'
import { later, testTenant } from '../support/tenant'

const { service } = await testTenant()
const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }) as { kty: string }
const ALG = 'RSA-OAEP-256'
const SECRET = Buffer.from('sixteen byte key')

type Version = { id: string; enabled: boolean; expiresAt: number | null }
type Name = { versions: Version[]; deleted: boolean }
/** What a store of two names should look like, and what was wrapped so far. */
type Model = { now: number; names: Map<string, Name>; wrapped: { name: string; version: string; value: Buffer }[] }
type Real = { store: string; ctx: Ctx }

const NAMES = ['a', 'b']
const command = fc.oneof(
  fc.record({ do: fc.constant('make' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constant('wrap' as const), name: fc.constantFrom(...NAMES), pick: fc.option(fc.nat(3)) }),
  fc.record({ do: fc.constant('unwrap' as const), pick: fc.nat(9) }),
  fc.record({ do: fc.constant('switch' as const), name: fc.constantFrom(...NAMES), pick: fc.nat(3), on: fc.boolean() }),
  fc.record({
    do: fc.constant('expire' as const),
    name: fc.constantFrom(...NAMES),
    pick: fc.nat(3),
    in: fc.option(fc.integer({ min: 1, max: 100 })),
  }),
  fc.record({
    do: fc.constantFrom('remove' as const, 'recover' as const, 'purge' as const),
    name: fc.constantFrom(...NAMES),
  }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

const live = (model: Model, name: string) => {
  const found = model.names.get(name)
  return found && !found.deleted ? found : undefined
}

/** Does a command to the store and to the model, and compares how it ends. */
async function step(model: Model, { store, ctx }: Real, c: Command): Promise<void> {
  switch (c.do) {
    case 'wait':
      model.now += c.seconds
      return
    case 'make': {
      const known = model.names.get(c.name)
      const work = keys.importKey(ctx, store, { name: c.name, hsm: false, jwk })
      expect(await codeOf(work)).toBe(known?.deleted ? 'KeyIsDeletedButRecoverable' : 'no error')
      if (known?.deleted) return
      const { version } = await work
      const versions = [...(known?.versions ?? []), { id: version, enabled: true, expiresAt: null }]
      model.names.set(c.name, { versions, deleted: false })
      return
    }
    case 'wrap': {
      const versions = live(model, c.name)?.versions ?? []
      const chosen = c.pick === null ? versions.at(-1) : versions[c.pick % Math.max(1, versions.length)]
      const version = c.pick === null ? null : (chosen?.id ?? '0'.repeat(32))
      const work = keys.wrapKey(ctx, store, { name: c.name, version, alg: ALG, value: SECRET })
      const expired = chosen?.expiresAt != null && model.now >= chosen.expiresAt
      const expected = !chosen ? 'KeyNotFound' : !chosen.enabled ? 'KeyDisabled' : expired ? 'KeyExpired' : 'no error'
      expect(await codeOf(work)).toBe(expected)
      if (expected !== 'no error') return
      const result = await work
      expect(result.key.version).toBe(chosen!.id)
      model.wrapped.push({ name: c.name, version: chosen!.id, value: result.value })
      return
    }
    case 'unwrap': {
      const envelope = model.wrapped[c.pick % Math.max(1, model.wrapped.length)]
      if (!envelope) return
      const chosen = live(model, envelope.name)?.versions.find((v) => v.id === envelope.version)
      const work = keys.unwrapKey(ctx, store, { ...envelope, alg: ALG })
      expect(await codeOf(work)).toBe(!chosen ? 'KeyNotFound' : chosen.enabled ? 'no error' : 'KeyDisabled')
      if (chosen?.enabled) expect((await work).value).toEqual(SECRET)
      return
    }
    case 'switch':
    case 'expire': {
      const versions = live(model, c.name)?.versions ?? []
      const chosen = versions[c.pick % Math.max(1, versions.length)]
      const expiresAt = c.do === 'expire' && c.in !== null ? model.now + c.in : null
      const expires = expiresAt === null ? null : later(service, expiresAt).now
      const patch = c.do === 'switch' ? { enabled: c.on } : { expires }
      const work = keys.updateKeyVersion(ctx, store, c.name, chosen?.id ?? null, patch)
      expect(await codeOf(work)).toBe(chosen ? 'no error' : 'KeyNotFound')
      if (chosen) Object.assign(chosen, c.do === 'switch' ? { enabled: c.on } : { expiresAt })
      return
    }
    case 'remove': {
      const known = live(model, c.name)
      expect(await codeOf(keys.deleteKey(ctx, store, c.name, 7))).toBe(known ? 'no error' : 'KeyNotFound')
      if (known) known.deleted = true
      return
    }
    case 'recover':
    case 'purge': {
      const known = model.names.get(c.name)
      const act = c.do === 'recover' ? keys.recoverKey : keys.purgeKey
      expect(await codeOf(act(ctx, store, c.name))).toBe(known?.deleted ? 'no error' : 'KeyNotFound')
      if (!known?.deleted) return
      if (c.do === 'recover') known.deleted = false
      else model.names.delete(c.name)
    }
  }
}

async function compare(model: Model, { store, ctx }: Real): Promise<void> {
  const expected = NAMES.filter((name) => live(model, name))
  expect((await keys.listKeys(ctx, store)).map((k) => k.name)).toEqual(expected)
  const deleted = NAMES.filter((name) => model.names.get(name)?.deleted)
  expect((await keys.listDeletedKeys(ctx, store)).map((k) => k.name)).toEqual(deleted)
  for (const name of expected) {
    const versions = (await keys.listVersions(ctx, store, name)).map((v) => [v.version, v.enabled, v.current])
    const wanted = live(model, name)!.versions.map((v, i, all) => [v.id, v.enabled, i === all.length - 1])
    expect(versions).toEqual(wanted.reverse())
  }
}

it('a store does what a simple model says, whatever is done to it and in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 30 }), async (commands) => {
      const model: Model = { now: 0, names: new Map(), wrapped: [] }
      const store = `/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/${newId()}`
      for (const c of commands) await step(model, { store, ctx: later(service, model.now) }, c)
      await compare(model, { store, ctx: later(service, model.now) })
    }),
    { numRuns: 25, interruptAfterTimeLimit: 45_000 },
  )
})
