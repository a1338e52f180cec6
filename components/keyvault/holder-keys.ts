const LINE = 64

const pem = (label: string, der: ArrayBuffer): string => {
  const text = btoa(String.fromCharCode(...new Uint8Array(der)))
  const lines = text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/**
 * Makes RSA keys for holders in this browser. The private keys are saved as one file by the browser and sent nowhere.
 * @returns the public keys as PEM
 */
export async function makeHolderKeys(hsmName: string, count: number): Promise<string[]> {
  const algorithm = {
    name: 'RSA-OAEP',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  }
  const pairs = await Promise.all(
    Array.from({ length: count }, () => crypto.subtle.generateKey(algorithm, true, ['wrapKey', 'unwrapKey'])),
  )
  const privates = await Promise.all(pairs.map((pair) => crypto.subtle.exportKey('pkcs8', pair.privateKey)))
  save(`${hsmName}-holders.pem`, privates.map((der) => pem('PRIVATE KEY', der)).join(''))
  const publics = await Promise.all(pairs.map((pair) => crypto.subtle.exportKey('spki', pair.publicKey)))
  return publics.map((der) => pem('PUBLIC KEY', der))
}

function save(fileName: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/x-pem-file' }))
  link.download = fileName
  link.click()
  URL.revokeObjectURL(link.href)
}
