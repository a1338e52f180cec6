import { expect, it } from 'vitest'
import { readConfig } from '@/server/kernel/config'

it('a token is named by module, label and a file with the PIN, or not at all', () => {
  const PORTCULLIS_PKCS11_MODULE = '/usr/lib/softhsm/libsofthsm2.so'
  expect(readConfig({}).token).toBeNull()
  expect(() => readConfig({ PORTCULLIS_PKCS11_MODULE })).toThrow('PORTCULLIS_PKCS11_PIN_FILE')
  const all = { PORTCULLIS_PKCS11_MODULE, PORTCULLIS_PKCS11_TOKEN: 'pool', PORTCULLIS_PKCS11_PIN_FILE: '/run/pin' }
  expect(readConfig(all).token).toEqual({ module: PORTCULLIS_PKCS11_MODULE, label: 'pool', pinFile: '/run/pin' })
})
