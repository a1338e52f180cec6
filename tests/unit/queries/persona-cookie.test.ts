import { SignJWT, UnsecuredJWT } from 'jose'
import { expect, test } from 'vitest'
import { createCustody } from '@/server/kernel/custody'
import { readPersona, signPersona } from '@/server/queries/persona-cookie'

const TENANT = '11111111-1111-4111-8111-111111111111'
const NADIA = '22222222-2222-4222-8222-222222222222'
const custody = createCustody(Buffer.alloc(32, 7))

test('the cookie names the person it was made for', async () => {
  expect(await readPersona(custody, TENANT, await signPersona(custody, TENANT, NADIA))).toBe(NADIA)
})

test('no cookie, a cookie of another tenant and one under another master key name nobody', async () => {
  const token = await signPersona(custody, TENANT, NADIA)
  expect(await readPersona(custody, TENANT, undefined)).toBeNull()
  expect(await readPersona(custody, '33333333-3333-4333-8333-333333333333', token)).toBeNull()
  expect(await readPersona(createCustody(Buffer.alloc(32, 8)), TENANT, token)).toBeNull()
})

test('a forged cookie names nobody: changed, unsigned, or signed for another purpose', async () => {
  const token = await signPersona(custody, TENANT, NADIA)
  const [head, body, mac] = token.split('.') as [string, string, string]
  const other = Buffer.from(body, 'base64url').toString().replace(NADIA, '99999999-9999-4999-8999-999999999999')
  const unsigned = new UnsecuredJWT({ tid: TENANT }).setSubject(NADIA).setAudience('portcullis-portal').encode()
  const elsewhere = await new SignJWT({ tid: TENANT })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(NADIA)
    .setAudience('something-else')
    .sign(custody.deriveKey('session'))
  for (const forged of [`${head}.${Buffer.from(other).toString('base64url')}.${mac}`, unsigned, elsewhere, 'nonsense'])
    expect(await readPersona(custody, TENANT, forged)).toBeNull()
})
