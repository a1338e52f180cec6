import { z } from 'zod'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { decryptRsa, type ImportedMaterial, importPkcs8 } from '../crypto'
import { type KeyBundle, parseKeyIdentifier } from '../model'
import { keyKind } from '../rules'
import { getKey, type ImportedKey, importAs, withPrivate } from '../service'
import { unwrapPadded } from '../symmetric'

/** The file that a vendor's tool makes for bringing a key of one's own (BYOK, transfer blob). */
const transferFile = z.object({
  schema_version: z.string().regex(/^1\.0(\.0)?$/),
  header: z.object({
    kid: z.string(),
    alg: z.literal('dir'),
    enc: z.literal('CKM_RSA_AES_KEY_WRAP'),
  }),
  ciphertext: z.string().regex(/^[A-Za-z0-9_-]+={0,2}$/),
})

const bad = (publicMessage: string, cause?: unknown) =>
  new AppError('BadParameter', {
    publicMessage: `Property key_hsm has invalid value: ${publicMessage}`,
    field: 'key',
    cause,
  })

export type TransferredKey = Omit<ImportedKey, 'jwk'> & { kty: string; file: Uint8Array }

/**
 * Takes in a key that comes wrapped under a key exchange key of this store (CKM_RSA_AES_KEY_WRAP: RSA-OAEP with SHA-1
 * of an AES key, then that key's wrap with padding of the PKCS#8 form). It is never in the clear outside this call.
 * @throws AppError `BadParameter` (file, exchange key, bytes), `KeyNotFound` (exchange key), and what `importKey` throws.
 */
export async function importTransferred(ctx: Ctx, storeId: string, spec: TransferredKey): Promise<KeyBundle> {
  const { kty, file, ...rest } = spec
  const { header, ciphertext } = readTransferFile(file)
  const exchange = await exchangeKey(ctx, storeId, header.kid)
  const material = await undoTransfer(ctx, exchange, Buffer.from(ciphertext, 'base64url'))
  return importAs(ctx, storeId, { ...rest, kind: keyKind(kty) }, material)
}

function readTransferFile(file: Uint8Array): z.infer<typeof transferFile> {
  try {
    return transferFile.parse(JSON.parse(Buffer.from(file).toString('utf8')))
  } catch (cause) {
    throw bad('it is no transfer file of schema version 1.0.0 with CKM_RSA_AES_KEY_WRAP.', cause)
  }
}

async function exchangeKey(ctx: Ctx, storeId: string, kid: string): Promise<KeyBundle> {
  const id = parseKeyIdentifier(kid)
  const store = storeId.split('/').at(-1)!
  if (!id || id.storeName.toLowerCase() !== store.toLowerCase())
    throw bad('the key exchange key that the file names is not in this store.')
  const key = await getKey(ctx, storeId, id.keyName, id.version)
  if (key.kty !== 'RSA-HSM' || key.keyOps.join() !== 'import')
    throw bad(`the key ${key.name} is no key exchange key: one is of type RSA-HSM with the operation import alone.`)
  if (!key.enabled || (key.expires && key.expires <= ctx.now) || (key.notBefore && key.notBefore > ctx.now))
    throw bad(`the key exchange key ${key.name} is disabled, expired or not yet valid.`)
  return key
}

async function undoTransfer(ctx: Ctx, exchange: KeyBundle, cipher: Buffer): Promise<ImportedMaterial> {
  const modulus = exchange.keySize! / 8
  const wrappedAes = cipher.subarray(0, modulus)
  const aes = await withPrivate(ctx, exchange, (pkcs8) => decryptRsa(exchange, pkcs8, 'RSA-OAEP', wrappedAes)).catch(
    (cause) => {
      throw bad('its bytes were not wrapped under this key exchange key.', cause)
    },
  )
  const der = [16, 24, 32].includes(aes.length) ? unwrapPadded(aes, cipher.subarray(modulus)) : null
  aes.fill(0)
  if (!der) throw bad('its bytes were not wrapped under this key exchange key.')
  try {
    return importPkcs8(der)
  } finally {
    der.fill(0)
  }
}
