import { describe, expect, it } from 'vitest'
import {
  generateSigningKey,
  hashSecret,
  newClientSecret,
  openToken,
  signToken,
  verifySecret,
} from '@/server/identity/crypto'

const NOW = new Date('2030-01-01T00:00:00Z')
const iat = NOW.getTime() / 1000
const ISSUER = 'https://sts.windows.net/t/'
const claims = { aud: 'https://vault.azure.net', iss: ISSUER, iat, nbf: iat, exp: iat + 3600, tid: 't', oid: 'o' }
const key = await generateSigningKey('kid-1')
const token = await signToken(key.privatePem, 'kid-1', claims)
const open = (text: string, at: Date, audiences = [claims.aud], issuer = ISSUER) =>
  openToken(text, { publicJwk: key.publicJwk, issuer, audiences, now: at })

describe('a client secret', () => {
  it('is verified by its hash, and the hash does not hold it', async () => {
    const secret = newClientSecret()
    const stored = await hashSecret(secret)
    expect(stored).not.toContain(secret)
    expect(await verifySecret(secret, stored)).toBe(true)
    expect(await verifySecret(`${secret}x`, stored)).toBe(false)
  })

  it('has another hash each time, and 40 characters', async () => {
    expect(await hashSecret('same')).not.toBe(await hashSecret('same'))
    expect(newClientSecret()).toMatch(/^[\w-]{40}$/)
    expect(newClientSecret()).not.toBe(newClientSecret())
  })

  it.each(['', 'scrypt', 'scrypt$$', 'plain$a$b'])('is never verified by the broken hash "%s"', async (stored) => {
    expect(await verifySecret('', stored)).toBe(false)
  })
})

describe('a token', () => {
  it('opens to the claims that were signed', async () => {
    expect(await open(token, NOW)).toEqual(claims)
  })

  it('holds from its first second to the last before it expires', async () => {
    await expect(open(token, new Date(NOW.getTime() - 1000))).rejects.toThrow('nbf')
    await expect(open(token, new Date(NOW.getTime() + 3_599_000))).resolves.toBeDefined()
    await expect(open(token, new Date(NOW.getTime() + 3_600_000))).rejects.toThrow('exp')
  })

  it('is refused for another audience, also for one that differs by a slash', async () => {
    await expect(open(token, NOW, ['https://managedhsm.azure.net'])).rejects.toThrow('aud')
    await expect(open(token, NOW, ['https://vault.azure.net/'])).rejects.toThrow('aud')
  })

  it('is refused when another issuer is expected, though the key is the same', async () => {
    await expect(open(token, NOW, [claims.aud], 'https://sts.windows.net/u/')).rejects.toThrow('iss')
  })

  it('is refused when any of its bytes was changed', async () => {
    const parts = token.split('.')
    for (const [i, part] of parts.entries()) {
      const bytes = Buffer.from(part, 'base64url')
      for (let at = 0; at < bytes.length; at += 7) {
        const changed = Buffer.from(bytes)
        changed[at]! ^= 1
        const forged = parts.with(i, changed.toString('base64url')).join('.')
        await expect(open(forged, NOW)).rejects.toThrow()
      }
    }
  })

  it('is refused without a signature and under another key', async () => {
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`
    await expect(open(unsigned, NOW)).rejects.toThrow()
    const other = await generateSigningKey('kid-1')
    await expect(open(await signToken(other.privatePem, 'kid-1', claims), NOW)).rejects.toThrow('signature')
  })

  it.each(['exp', 'nbf', 'tid', 'oid'] as const)('is refused without the claim %s', async (name) => {
    const { [name]: _gone, ...rest } = claims
    await expect(open(await signToken(key.privatePem, 'kid-1', rest), NOW)).rejects.toThrow(name)
  })

  it('key is published without its private part', () => {
    expect(Object.keys(key.publicJwk).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use'])
  })
})
