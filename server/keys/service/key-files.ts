import { createPrivateKey } from 'node:crypto'
import forge from 'node-forge'
import { AppError } from '@/server/kernel/errors'

const bad = (publicMessage: string, cause?: unknown) =>
  new AppError('BadParameter', { publicMessage, field: 'file', cause })

/**
 * Opens a `.pfx` file (PKCS#12) and gives its private key as a JWK for `import`, as the tools of Azure do on the client's
 * side. @throws AppError `BadParameter` (password, no such file, no private key in it).
 */
export function readPfx(file: Uint8Array, password: string): { kty: string } {
  const key = privateKeyOf(open(file, password))
  if (!key) throw bad('The file holds no private key.')
  const der = Buffer.from(forge.asn1.toDer(key).getBytes(), 'binary')
  try {
    const jwk = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
    return { ...jwk, kty: jwk.kty!, ...(jwk.crv === 'secp256k1' && { crv: 'P-256K' }) }
  } catch (cause) {
    throw bad('The private key in the file is of a type that a vault does not take.', cause)
  } finally {
    der.fill(0)
  }
}

function open(file: Uint8Array, password: string): forge.pkcs12.Pkcs12Pfx {
  try {
    return forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(Buffer.from(file).toString('binary')), password)
  } catch (cause) {
    throw bad('The file does not open: it is no .pfx file, or the password is another one.', cause)
  }
}

/** PKCS#8 as a structure; forge reads RSA keys itself and leaves the others as they are. */
function privateKeyOf(pfx: forge.pkcs12.Pkcs12Pfx): forge.asn1.Asn1 | null {
  for (const type of [forge.pki.oids.pkcs8ShroudedKeyBag!, forge.pki.oids.keyBag!]) {
    const bag = pfx.getBags({ bagType: type })[type]?.[0]
    if (bag?.key) return forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key))
    if (bag?.asn1) return bag.asn1
  }
  return null
}
