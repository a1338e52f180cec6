import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import forge from 'node-forge'
import { expect, it } from 'vitest'
import { importMaterial } from '@/server/keys/crypto'
import { readPfx } from '@/server/keys/service/key-files'

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
