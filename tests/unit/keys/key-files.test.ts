import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import forge from 'node-forge'
import { expect, it } from 'vitest'
import { importMaterial } from '@/server/keys/crypto'
import { publicPem, readKeyFile, readPfx } from '@/server/keys/service/key-files'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = pair.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString()

function pfx(password: string, algorithm: '3des' | 'aes256'): Buffer {
  const asn1 = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(pem), null as never, password, { algorithm })
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary')
}

it.each(['3des', 'aes256'] as const)('a .pfx file sealed with %s gives the very key that was put in', (algorithm) => {
  const jwk = readPfx(pfx('a password', algorithm), 'a password')
  const material = importMaterial(jwk)
  expect(material.keySize).toBe(2048)
  const made = createPublicKey(pair.privateKey).export({ format: 'jwk' }) as JsonWebKey
  expect(material.publicJwk.n).toBe(made.n)
})

it('a wrong password, and what is no such file, are refused without a word of what is inside', () => {
  for (const [file, password] of [
    [pfx('right', 'aes256'), 'wrong'],
    [Buffer.from('no file'), ''],
  ] as const)
    expect(() => readPfx(file, password)).toThrow('The file does not open')
})

it('a key file is known by what is in it: PEM in any of its forms, JWK, .pfx, and a transfer file that stays shut', () => {
  const { privateKey } = pair
  const encrypted = privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'a password' })
  const files: [string | Buffer, string][] = [
    [`some text before\n${pem}`, ''],
    [privateKey.export({ format: 'pem', type: 'pkcs8' }), ''],
    [encrypted, 'a password'],
    [JSON.stringify(privateKey.export({ format: 'jwk' })), ''],
    [pfx('a password', 'aes256'), 'a password'],
  ]
  for (const [file, password] of files) {
    const found = readKeyFile(Buffer.from(file), password)
    expect(found.kind === 'jwk' && importMaterial(found.jwk).publicJwk.n).toBe(privateKey.export({ format: 'jwk' }).n)
  }
  expect(readKeyFile(Buffer.from('{"schema_version":"1.0.0"}'), '')).toEqual({ kind: 'transfer' })
})

it('a key file that does not open says why, and never what is in it', () => {
  const { d } = pair.privateKey.export({ format: 'jwk' })
  const publicOnly = createPublicKey(pair.privateKey).export({ format: 'pem', type: 'spki' })
  const encrypted = pair.privateKey.export({
    ...{ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'right' },
  } as never)
  for (const [file, message] of [
    [publicOnly, 'no private key'],
    [encrypted, 'password is another one'],
    [JSON.stringify({ kty: 'RSA', n: 'AQAB' }), 'neither a private key'],
    [`{"kty":"RSA","d":"${d}"`, 'is none'],
    ['anything', 'does not open'],
  ] as const) {
    const refusal = () => readKeyFile(Buffer.from(file), 'wrong')
    expect(refusal).toThrow(message)
    expect(refusal).not.toThrow(d)
  }
})

it('the public half is written as a PEM file, and a symmetric key has none', () => {
  const jwk = createPublicKey(pair.privateKey).export({ format: 'jwk' }) as { kty: string }
  expect(createPublicKey(publicPem({ publicJwk: jwk })).equals(createPublicKey(pair.privateKey))).toBe(true)
  const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey
  const written = publicPem({ publicJwk: { ...curve.export({ format: 'jwk' }), crv: 'P-256K' } as never })
  expect(createPublicKey(written).equals(curve)).toBe(true)
  expect(() => publicPem({ publicJwk: { kty: 'oct' } })).toThrow('no public half')
})
