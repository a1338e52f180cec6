import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto'
import fc from 'fast-check'
import { importPKCS8 } from 'jose'
import { describe, expect, it } from 'vitest'
import {
  domainIdOf,
  makeExchangeKey,
  makeSecurityDomain,
  newPoolKey,
  openRestoreBlob,
  readHolders,
} from '@/server/managed-hsm/crypto'
import { findShare, openDomain, type SecurityDomain, wrapForPool } from '@/server/managed-hsm/model/security-domain'
import { combineShares, splitSecret } from '@/server/managed-hsm/model/shamir'

const holders = Array.from({ length: 4 }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }))
const pem = (key: (typeof holders)[number]['publicKey']) => key.export({ format: 'pem', type: 'spki' }).toString()
const below = (limit: number) => randomInt(limit)

describe('a split secret', () => {
  it('comes back from any quorum of its shares, whatever the secret', () => {
    const drawn = fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 2, max: 10 }))
      .chain(([secret, shares]) =>
        fc.tuple(
          fc.constant(secret),
          fc.integer({ min: 2, max: shares }).chain((required) =>
            fc.tuple(
              fc.constant({ shares, required }),
              fc.shuffledSubarray(
                Array.from({ length: shares }, (_, i) => i),
                { minLength: required, maxLength: required },
              ),
            ),
          ),
        ),
      )
    fc.assert(
      fc.property(drawn, ([secret, [plan, chosen]]) => {
        const shares = splitSecret(secret, plan, below)
        expect(combineShares(chosen.map((i) => shares[i]!))).toEqual(secret)
      }),
    )
  })

  it('is in the form that Azure’s tools read: 16 bits a byte, x above the value, modulo 257', () => {
    // With the coefficient fixed at 1 the shares of the byte b lie on the line x + b.
    const [first, second] = splitSecret(Uint8Array.of(255, 7), { shares: 2, required: 2 }, () => 1)
    expect([...first!]).toEqual([0, 3, 8, 2])
    expect([...second!]).toEqual([0, 4, 9, 4])
  })

  it('takes no share twice, and no shares of different secrets’ lengths', () => {
    const [one] = splitSecret(Uint8Array.of(1), { shares: 3, required: 2 }, below)
    expect(() => combineShares([one!, one!])).toThrow('twice')
    expect(() => combineShares([one!, new Uint8Array(4)])).toThrow('length')
  })
})

const poolKey = newPoolKey()
const domain = await makeSecurityDomain(readHolders(holders.map((h) => pem(h.publicKey))), 3, poolKey)

describe('the security domain', () => {
  const privateKey = (i: number) =>
    importPKCS8(holders[i]!.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 'RSA-OAEP-256')
  const sharesOf = async (from: SecurityDomain, ...indexes: number[]) =>
    Promise.all(indexes.map(async (i) => (await findShare(from, await privateKey(i)))!))

  it('opens for any quorum of its holders, and gives them the key of the pool', async () => {
    for (const quorum of [
      [0, 1, 2],
      [3, 1, 0],
    ]) {
      const data = await openDomain(domain, await sharesOf(domain, ...quorum))
      expect(Buffer.from(data[0]!.plaintext).equals(poolKey)).toBe(true)
    }
  })

  it('opens for no fewer: not when two come, and not when they say that two are enough', async () => {
    const two = await sharesOf(domain, 0, 1)
    await expect(openDomain(domain, two)).rejects.toThrow('3 holders')
    const forged = { ...domain, SharedKeys: { ...domain.SharedKeys, required: 2 } }
    await expect(openDomain(forged, two)).rejects.toThrow()
  })

  it('gives no share to whoever is no holder', async () => {
    const { privateKey: foreign } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const key = await importPKCS8(foreign.export({ format: 'pem', type: 'pkcs8' }).toString(), 'RSA-OAEP-256')
    expect(await findShare(domain, key)).toBeNull()
  })

  it('travels to another pool wrapped to that pool’s exchange key alone', async () => {
    const exchange = await makeExchangeKey('target', new Date('2030-01-01'))
    const other = await makeExchangeKey('other', new Date('2030-01-01'))
    const blob = await wrapForPool(await openDomain(domain, await sharesOf(domain, 0, 1, 2)), exchange.certificate)
    const arrived = await openRestoreBlob(JSON.stringify(blob), exchange.pkcs8)
    expect(domainIdOf(arrived)).toBe(domainIdOf(poolKey))
    expect(JSON.stringify(blob)).not.toContain(poolKey.toString('base64url'))
    await expect(openRestoreBlob(JSON.stringify(blob), other.pkcs8)).rejects.toMatchObject({ code: 'BadParameter' })
    await expect(openRestoreBlob('{}', exchange.pkcs8)).rejects.toMatchObject({ code: 'BadParameter' })
    await expect(openRestoreBlob(randomBytes(9).toString('hex'), exchange.pkcs8)).rejects.toMatchObject({
      code: 'BadParameter',
    })
  })

  it('takes RSA public keys of 2048 bits and more, each once', () => {
    const small = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey)
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'pem', type: 'spki' })
    const secret = holders[0]!.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    const one = pem(holders[0]!.publicKey)
    expect(() => readHolders([small])).toThrow('1024 bits')
    expect(() => readHolders([ec.toString()])).toThrow('not RSA')
    expect(() => readHolders([secret])).toThrow('private key')
    expect(() => readHolders(['x'])).toThrow('neither')
    expect(() => readHolders([one, one])).toThrow('twice')
  })
})
