import { describe, expect, it } from 'vitest'
import { drainAgenda } from '@/server/clock/drain'
import { AGENDA_KINDS, type AgendaHandler, type AgendaKind } from '@/server/clock/model'
import { dueAtOf, requestAdvance, wallClock } from '@/server/clock/service'
import { isAppError } from '@/server/kernel/errors'
import { VAULT_LIMITS } from '@/server/keys/model'
import * as keys from '@/server/keys/service'
import { backupKey } from '@/server/keys/service/backup'
import { addVersions } from '../support/key-stores'
import { custody, later, START, TENANT_ID, testTenant } from '../support/tenant'

const { db, service } = await testTenant()
const STORE = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/unit'
const DAY = 86_400

const create = (name: string, more: Partial<keys.NewKey> = {}, ctx = service) =>
  keys.createKey(ctx, STORE, { name, kty: 'RSA', hsm: false, ...more })
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error) => (isAppError(error) ? error.code : Promise.reject(error)),
  )
const wrap = (ctx: typeof service, name: string, version: string | null, value = Buffer.from('0123456789abcdef')) =>
  keys.wrapKey(ctx, STORE, { name, version, alg: 'RSA-OAEP-256', value })

describe('a new key', () => {
  it('is RSA 2048, enabled, with the usual operations, and the current version', async () => {
    const key = await create('plain')
    expect(key).toMatchObject({
      kty: 'RSA',
      keySize: 2048,
      enabled: true,
      current: true,
      notBefore: null,
      expires: null,
    })
    expect(key.version).toMatch(/^[0-9a-f]{32}$/)
    expect(key.keyOps).toEqual(['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'])
    expect(key.createdAt).toEqual(START)
    expect(Buffer.from(key.publicJwk.n!, 'base64url')).toHaveLength(256)
  })

  it('keeps its private half sealed in the database, bound to its version', async () => {
    const key = await create('sealed')
    const row = await db.keyVersion.findFirstOrThrow({ where: { version: key.version } })
    expect(Buffer.from(row.sealedPrivate).indexOf(Buffer.from(key.publicJwk.n!, 'base64url'))).toBe(-1)
    const open = (context: string) => custody.open('key-material', context, row.sealedPrivate)
    expect(open(`${key.keyId}/${key.version}`).indexOf(Buffer.from(key.publicJwk.n!, 'base64url'))).toBeGreaterThan(0)
    expect(() => open(`${key.keyId}/${'0'.repeat(32)}`)).toThrow()
  })

  it('of a name that exists is its next version, found without regard to case', async () => {
    const first = await create('twice')
    const second = await create('TWICE')
    expect(second).toMatchObject({ keyId: first.keyId, name: 'twice', current: true })
    const versions = await keys.listVersions(service, STORE, 'Twice')
    expect(versions.map((v) => [v.version, v.current])).toEqual([
      [second.version, true],
      [first.version, false],
    ])
  })

  it('is made once when many make it at the same time: one key with as many versions', async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => create('race', { kty: 'EC' })))
    expect(new Set(made.map((k) => k.keyId)).size).toBe(1)
    expect(await keys.listVersions(service, STORE, 'race')).toHaveLength(4)
  })

  it.each([
    [{ keySize: 1024 }, 'BadParameter'],
    [{ kty: 'oct' }, 'KeyTypeUnsupported'],
    [{ kty: 'EC', crv: 'P-192' }, 'BadParameter'],
    [{ keyOps: ['wrap'] }, 'BadParameter'],
    [{ notBefore: later(service, 60).now, expires: later(service, 60).now }, 'BadParameter'],
    [{ name: 'bad_name' }, 'BadParameter'],
  ])('is refused for %o', async (spec, expected) => {
    expect(await code(create('refused', spec))).toBe(expected)
    expect(await code(keys.getKey(service, STORE, 'refused'))).toBe('KeyNotFound')
  })
})

describe('an EC key', () => {
  it.each(['P-256', 'P-384', 'P-521', 'P-256K'])('on %s has its point and wraps nothing', async (crv) => {
    const key = await create(`ec-${crv}`, { kty: 'EC', crv, keyOps: ['wrapKey'] })
    expect(key).toMatchObject({ kty: 'EC', crv, keySize: null, publicJwk: { kty: 'EC', crv } })
    expect(await code(wrap(service, key.name, null))).toBe('KeyTypeUnsupported')
  })
})

describe('wrapping', () => {
  it('without a version uses the current one, and old versions unwrap what they wrapped', async () => {
    const first = await create('rotated')
    const wrapped = await wrap(service, 'rotated', null)
    expect(wrapped.key.version).toBe(first.version)
    const second = await keys.rotateKey(service, STORE, 'rotated')
    expect((await wrap(service, 'rotated', null)).key.version).toBe(second.version)
    const request = { name: 'rotated', alg: 'RSA-OAEP-256', value: wrapped.value }
    const back = await keys.unwrapKey(service, STORE, { ...request, version: first.version })
    expect(back.value.toString()).toBe('0123456789abcdef')
    expect(await code(keys.unwrapKey(service, STORE, { ...request, version: null }))).toBe('BadParameter')
  })

  it('says both lengths when the value is too long', async () => {
    await create('long')
    await expect(wrap(service, 'long', null, Buffer.alloc(191))).rejects.toThrow(/1 to 190 bytes, not 191/)
  })

  it('keeps the event loop free while the private key works', async () => {
    await create('busy', { keySize: 4096 })
    const { value } = await wrap(service, 'busy', null)
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    const unwrap = () => keys.unwrapKey(service, STORE, { name: 'busy', version: null, alg: 'RSA-OAEP-256', value })
    await Promise.all(Array.from({ length: 40 }, unwrap))
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(3)
  })
})

describe('disabled and out of its window', () => {
  it('follows every change at the next call', async () => {
    const { version } = await create('switch')
    const { value } = await wrap(service, 'switch', null)
    const unwrap = (ctx = service) =>
      keys.unwrapKey(ctx, STORE, { name: 'switch', version, alg: 'RSA-OAEP-256', value })
    await unwrap()
    await keys.updateKeyVersion(service, STORE, 'switch', null, { enabled: false })
    expect(await code(unwrap())).toBe('KeyDisabled')
    expect(await code(wrap(service, 'switch', null))).toBe('KeyDisabled')
    expect((await keys.getKey(service, STORE, 'switch')).enabled).toBe(false)
    await keys.updateKeyVersion(service, STORE, 'switch', null, { enabled: true, expires: later(service, 60).now })
    expect(await code(wrap(later(service, 59), 'switch', null))).toBe('no error')
    expect(await code(wrap(later(service, 60), 'switch', null))).toBe('KeyExpired')
    expect((await unwrap(later(service, 60))).value.toString()).toBe('0123456789abcdef')
  })
})

describe('deletion', () => {
  it('hides the key, reserves its name, and recovery brings all back', async () => {
    const key = await create('gone')
    await keys.rotateKey(service, STORE, 'gone')
    const deleted = await keys.deleteKey(service, STORE, 'gone', 7)
    expect(deleted.scheduledPurgeAt).toEqual(later(service, 7 * DAY).now)
    expect(await code(keys.getKey(service, STORE, 'gone'))).toBe('KeyNotFound')
    expect(await code(create('GONE'))).toBe('KeyIsDeletedButRecoverable')
    expect((await keys.listDeletedKeys(service, STORE)).map((k) => k.name)).toContain('gone')
    await keys.recoverKey(service, STORE, 'gone')
    expect(await keys.getKey(service, STORE, 'gone', key.version)).toMatchObject({ keyId: key.keyId, deletedAt: null })
    expect(await dueAtOf(service, 'purge-key', key.keyId)).toBeNull()
  })

  it('purges only what was deleted, and frees the name', async () => {
    const key = await create('purged')
    expect(await code(keys.purgeKey(service, STORE, 'purged'))).toBe('KeyNotFound')
    await keys.deleteKey(service, STORE, 'purged', 7)
    await keys.purgeKey(service, STORE, 'purged')
    expect(await db.keyVersion.count({ where: { keyId: key.keyId } })).toBe(0)
    expect((await create('purged')).keyId).not.toBe(key.keyId)
  })
})

describe('a backup', () => {
  it('a backup holds as many versions as the store allows and no more', async () => {
    await create('backed', { kty: 'EC' })
    const most = VAULT_LIMITS.maxBackupVersions!
    const realm = { realm: 'test', maxVersions: most }
    expect((await backupKey(service, STORE, 'backed', realm)).blob.length).toBeGreaterThan(0)
    await addVersions(db, 'backed', most)
    await expect(backupKey(service, STORE, 'backed', realm)).rejects.toThrow(`at most ${most} versions`)
  })
})

const rotation = (rotate: { timeAfterCreate?: string; timeBeforeExpiry?: string }, expiryTime: string | null) => ({
  expiryTime,
  rotate: { timeAfterCreate: null, timeBeforeExpiry: null, ...rotate },
  notifyBeforeExpiry: null,
})

/** Lets the agenda run, as the engine does, until the clock stands so much later. */
async function advance(days: number): Promise<void> {
  const nothing: AgendaHandler = async () => async () => undefined
  const handlers = Object.fromEntries(AGENDA_KINDS.map((kind) => [kind, nothing])) as Record<AgendaKind, AgendaHandler>
  await requestAdvance({ ...service, now: wallClock() }, days * DAY)
  await drainAgenda({
    db,
    tenantId: TENANT_ID,
    handlers: {
      ...handlers,
      'key-rotation': keys.rotateIfDue,
      'key-near-expiry': keys.noticeIfDue,
      'purge-key': keys.purgeKeyIfDue,
    },
    contextAt: (now) => ({ ...service, now }),
    quiesce: async () => undefined,
  })
}

describe('on the clock', () => {
  it('rotation makes each version at its due time, and a deleted key is purged at the end of its retention', async () => {
    await create('ticking', { kty: 'EC' })
    await create('retained', { kty: 'EC' })
    await keys.deleteKey(service, STORE, 'retained', 7)
    const policy = rotation({ timeAfterCreate: 'P30D' }, 'P90D')
    await keys.setRotationPolicy(service, STORE, 'ticking', policy, VAULT_LIMITS.rotation)
    await advance(65)
    const versions = await keys.listVersions(service, STORE, 'ticking')
    expect(versions.map((v) => (v.createdAt.getTime() - START.getTime()) / DAY / 1000)).toEqual([60, 30, 0])
    expect(versions[0]!.expires).toEqual(later(service, 150 * DAY).now)
    expect(await code(keys.getDeletedKey(service, STORE, 'retained'))).toBe('KeyNotFound')
    const records = await db.auditEvent.findMany({
      where: { operationName: 'KeyRotateIfDue' },
      orderBy: { seq: 'asc' },
    })
    expect(records.map((r) => r.at)).toEqual([later(service, 30 * DAY).now, later(service, 60 * DAY).now])
  })

  it('a policy that is taken away, or a date that moves, moves the rotation', async () => {
    const { keyId } = await create('moved', { kty: 'EC', expires: later(service, 100 * DAY).now })
    const before = rotation({ timeBeforeExpiry: 'P30D' }, 'P90D')
    await keys.setRotationPolicy(service, STORE, 'moved', before, VAULT_LIMITS.rotation)
    expect(await dueAtOf(service, 'key-rotation', keyId)).toEqual(later(service, 70 * DAY).now)
    await keys.updateKeyVersion(service, STORE, 'moved', null, { expires: later(service, 50 * DAY).now })
    expect(await dueAtOf(service, 'key-rotation', keyId)).toEqual(later(service, 20 * DAY).now)
    await keys.deleteKey(service, STORE, 'moved', 7)
    expect(await dueAtOf(service, 'key-rotation', keyId)).toBeNull()
    await keys.recoverKey(service, STORE, 'moved')
    expect(await dueAtOf(service, 'key-rotation', keyId)).toEqual(later(service, 20 * DAY).now)
    const none = { expiryTime: null, rotate: null, notifyBeforeExpiry: null }
    await keys.setRotationPolicy(service, STORE, 'moved', none, VAULT_LIMITS.rotation)
    expect(await dueAtOf(service, 'key-rotation', keyId)).toBeNull()
  })

  it('a notice goes out once, by the standing policy 30 days before expiry, and again for a later expiry', async () => {
    const now = wallClock()
    const at = (days: number) => new Date(now.getTime() + days * DAY * 1000)
    const { keyId } = await keys.createKey({ ...service, now }, STORE, {
      name: 'noticed',
      kty: 'EC',
      hsm: false,
      expires: at(40),
    })
    expect(await dueAtOf(service, 'key-near-expiry', keyId)).toEqual(at(10))
    await advance(11)
    const notices = async () => {
      const records = await db.auditEvent.findMany({
        where: { operationName: 'KeyNearExpiryEventGridNotification', storeId: STORE },
      })
      return records.filter((r) => JSON.stringify(r.properties).includes('/keys/noticed/')).length
    }
    expect(await notices()).toBe(1)
    const later = { ...service, now: wallClock() }
    await keys.updateKeyVersion(later, STORE, 'noticed', null, { tags: { a: 'b' } })
    expect(await dueAtOf(service, 'key-near-expiry', keyId)).toBeNull()
    await keys.updateKeyVersion(later, STORE, 'noticed', null, { expires: at(90) })
    expect(await dueAtOf(service, 'key-near-expiry', keyId)).toEqual(at(60))
  })
})

describe('a symmetric key', () => {
  const request = { name: 'oct', version: null }
  const HSM = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/managedHSMs/h'

  it('undoes what it did with every algorithm of its size, and shows none of its bytes', async () => {
    const key = await keys.createKey(service, HSM, {
      ...{ name: 'oct', kty: 'oct', keySize: 256, hsm: true },
      keyOps: ['wrapKey', 'unwrapKey', 'encrypt', 'decrypt', 'sign', 'verify'],
    })
    expect(key).toMatchObject({ kty: 'oct-HSM', keySize: 256, publicJwk: { kty: 'oct' } })
    expect(JSON.stringify(key)).not.toContain('"k"')
    const value = Buffer.from('thirty-two bytes of a data key!!')
    for (const alg of ['A256KW', 'CKM_AES_KEY_WRAP', 'CKM_AES_KEY_WRAP_PAD']) {
      const wrapped = await keys.wrapKey(service, HSM, { ...request, alg, value })
      expect((await keys.unwrapKey(service, HSM, { ...request, alg, value: wrapped.value })).value).toEqual(value)
    }
    for (const alg of ['A256GCM', 'A256CBC', 'A256CBCPAD']) {
      const parts = alg === 'A256GCM' ? { aad: Buffer.from('with') } : { iv: Buffer.alloc(16, 3) }
      const { key: _, ...sealed } = await keys.encrypt(service, HSM, { ...request, alg, value, ...parts })
      expect((await keys.decrypt(service, HSM, { ...request, alg, ...sealed })).value).toEqual(value)
      sealed.value[0]! ^= 1
      const changed = await keys.decrypt(service, HSM, { ...request, alg, ...sealed }).catch((e) => e)
      if (alg === 'A256GCM') expect(changed.code).toBe('BadParameter')
    }
    const signature = await keys.sign(service, HSM, { ...request, alg: 'HS256', digest: value })
    const check = { ...request, alg: 'HS256', digest: value, signature: signature.value }
    expect((await keys.verify(service, HSM, check)).valid).toBe(true)
    expect(await code(keys.wrapKey(service, HSM, { ...request, alg: 'A128KW', value }))).toBe('BadParameter')
    expect(await code(keys.wrapKey(service, HSM, { ...request, alg: 'RSA-OAEP', value }))).toBe('KeyTypeUnsupported')
  })
})
