import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Mechanism, PKCS11, Template } from 'pkcs11js'
import type { TokenConfig } from '@/server/kernel/config'
import type { EcCurve, PublicJwk } from './model'

/** A key whose private half lies in a token: it works there, and there is no way to read it. */
export type TokenKey = {
  /** The bare RSA operation (PKCS #11, CKM_RSA_X_509): as many bytes out as the modulus has. */
  rsa(block: Uint8Array): Promise<Buffer | null>
  /** r and s of a digest, as it comes. */
  ecSign(digest: Uint8Array): Promise<Buffer | null>
}

/** A token of PKCS #11 that makes and holds the private halves of keys. */
export type Token = {
  /** What names the token, for a page or a log. */
  label: string
  /** @returns the public half, and the id by which the token finds the private one. */
  generate(plan: { keySize: number | null; crv: EcCurve | null }): Promise<{ publicJwk: PublicJwk; id: Buffer }>
  key(id: Uint8Array): TokenKey
}

const SESSIONS = 4
const ID_BYTES = 16
const LABEL = 'portcullis'

/** Object identifiers of named curves, in DER (SEC 2, RFC 5480). */
const CURVE_OIDS: Record<EcCurve, string> = {
  'P-256': '06082a8648ce3d030107',
  'P-384': '06052b81040022',
  'P-521': '06052b81040023',
  'P-256K': '06052b8104000a',
}

const REFERENCE = Buffer.from('pkcs11:')

/** What is kept of a private half that a token holds. No PKCS#8 begins so. */
export const toReference = (id: Uint8Array): Buffer => Buffer.concat([REFERENCE, id])

/** The id in a reference; null for what is a private half itself. */
export const readReference = (kept: Buffer): Buffer | null =>
  kept.length === REFERENCE.length + ID_BYTES && kept.subarray(0, REFERENCE.length).equals(REFERENCE)
    ? kept.subarray(REFERENCE.length)
    : null

type Library = typeof import('pkcs11js')

/**
 * Opens the token that the configuration names. The PIN is read from its file and goes nowhere else.
 * @throws Error saying what is missing: the addon, the module, the token, the right PIN.
 */
export function openToken({ module, label, pinFile }: TokenConfig): Token {
  const library = loadAddon()
  const pkcs11 = new library.PKCS11()
  pkcs11.load(module)
  // Next loads a module more than once in a process; the token's own library is one all the same.
  ignoring(library, [library.CKR_CRYPTOKI_ALREADY_INITIALIZED], () =>
    pkcs11.C_Initialize({ flags: library.CKF_OS_LOCKING_OK }),
  )
  const slot = pkcs11.C_GetSlotList(true).find((s) => pkcs11.C_GetTokenInfo(s).label.trim() === label)
  if (!slot) throw new Error(`The module ${module} has no token labelled '${label}'.`)
  const open = () => pkcs11.C_OpenSession(slot, library.CKF_SERIAL_SESSION | library.CKF_RW_SESSION)
  const sessions = Array.from({ length: SESSIONS }, open)
  ignoring(library, [library.CKR_USER_ALREADY_LOGGED_IN], () =>
    pkcs11.C_Login(sessions[0]!, library.CKU_USER, readFileSync(pinFile, 'utf8').trim()),
  )
  return tokenOn(library, pkcs11, label, createPool(sessions))
}

function loadAddon(): Library {
  try {
    return createRequire(import.meta.url)('pkcs11js') as Library
  } catch (cause) {
    throw new Error(
      'The PKCS #11 addon is not built. Run "npm run build-pkcs11"; it takes a C++ compiler and Python.',
      { cause },
    )
  }
}

function ignoring(library: Library, codes: number[], work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof library.Pkcs11Error) || !codes.includes(error.code)) throw error
  }
}

/** A session does one thing at a time, so whoever wants one waits for one to be free. */
function createPool<S>(sessions: S[]) {
  const free = [...sessions]
  const waiting: ((session: S) => void)[] = []
  return async <T>(work: (session: S) => Promise<T>): Promise<T> => {
    const session = free.pop() ?? (await new Promise<S>((resolve) => waiting.push(resolve)))
    try {
      return await work(session)
    } finally {
      const next = waiting.shift()
      if (next) next(session)
      else free.push(session)
    }
  }
}

type Handle = Buffer
type Pool = ReturnType<typeof createPool<Handle>>

function tokenOn(library: Library, pkcs11: PKCS11, label: string, withSession: Pool): Token {
  function findPrivate(session: Handle, id: Uint8Array): Handle {
    pkcs11.C_FindObjectsInit(session, [
      { type: library.CKA_CLASS, value: library.CKO_PRIVATE_KEY },
      { type: library.CKA_ID, value: Buffer.from(id) },
    ])
    try {
      const [found] = pkcs11.C_FindObjects(session, 1)
      if (!found) throw new Error(`The token '${label}' no longer holds the key ${Buffer.from(id).toString('hex')}.`)
      return found
    } finally {
      pkcs11.C_FindObjectsFinal(session)
    }
  }

  return {
    label,
    generate: (plan) =>
      withSession(async (session) => {
        const id = randomBytes(ID_BYTES)
        const { mechanism, publicTemplate, privateTemplate } = templates(library, plan, id)
        const { publicKey } = await pkcs11.C_GenerateKeyPairAsync(session, mechanism, publicTemplate, privateTemplate)
        return { id, publicJwk: readPublic(library, pkcs11, session, publicKey, plan.crv) }
      }),
    key: (id) => ({
      // Deciphering without padding is the bare operation in either direction.
      rsa: (block) =>
        withSession(async (session) => {
          try {
            pkcs11.C_DecryptInit(session, { mechanism: library.CKM_RSA_X_509 }, findPrivate(session, id))
            const out = await pkcs11.C_DecryptAsync(session, Buffer.from(block), Buffer.alloc(block.length))
            // Some tokens leave leading zeros out.
            return Buffer.concat([Buffer.alloc(block.length - out.length), out])
          } catch (error) {
            return refused(library, error)
          }
        }),
      ecSign: (digest) =>
        withSession(async (session) => {
          try {
            pkcs11.C_SignInit(session, { mechanism: library.CKM_ECDSA }, findPrivate(session, id))
            return await pkcs11.C_SignAsync(session, Buffer.from(digest), Buffer.alloc(200))
          } catch (error) {
            return refused(library, error)
          }
        }),
    }),
  }
}

/** Bytes that do not fit the key are the caller's fault; anything else is the token's. */
function refused(library: Library, error: unknown): null {
  const codes = [
    library.CKR_ENCRYPTED_DATA_INVALID,
    library.CKR_ENCRYPTED_DATA_LEN_RANGE,
    library.CKR_DATA_LEN_RANGE,
    library.CKR_DATA_INVALID,
  ]
  if (error instanceof library.Pkcs11Error && codes.includes(error.code)) return null
  throw error
}

function templates(library: Library, { keySize, crv }: { keySize: number | null; crv: EcCurve | null }, id: Buffer) {
  const named: Template = [
    { type: library.CKA_TOKEN, value: true },
    { type: library.CKA_ID, value: id },
    { type: library.CKA_LABEL, value: LABEL },
  ]
  const mechanism: Mechanism = {
    mechanism: crv ? library.CKM_EC_KEY_PAIR_GEN : library.CKM_RSA_PKCS_KEY_PAIR_GEN,
  }
  const shape: Template = crv
    ? [{ type: library.CKA_EC_PARAMS, value: Buffer.from(CURVE_OIDS[crv], 'hex') }]
    : [
        { type: library.CKA_MODULUS_BITS, value: keySize! },
        { type: library.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
      ]
  return {
    mechanism,
    publicTemplate: [...named, ...shape, { type: library.CKA_VERIFY, value: true }],
    privateTemplate: [
      ...named,
      { type: library.CKA_PRIVATE, value: true },
      { type: library.CKA_SENSITIVE, value: true },
      { type: library.CKA_EXTRACTABLE, value: false },
      { type: library.CKA_SIGN, value: true },
      ...(crv ? [] : [{ type: library.CKA_DECRYPT, value: true }]),
    ] as Template,
  }
}

function readPublic(library: Library, pkcs11: PKCS11, session: Handle, key: Handle, crv: EcCurve | null): PublicJwk {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
  const read = (...types: number[]) =>
    pkcs11
      .C_GetAttributeValue(
        session,
        key,
        types.map((type) => ({ type })),
      )
      .map((a) => a.value as Buffer)
  if (crv) {
    const [point] = read(library.CKA_EC_POINT)
    // An octet string in DER: its head ends where the uncompressed point, 04, begins.
    const raw = point!.subarray(point![1]! < 0x80 ? 2 : 3)
    const half = (raw.length - 1) / 2
    return { kty: 'EC', crv, x: text(raw.subarray(1, 1 + half)), y: text(raw.subarray(1 + half)) }
  }
  const [n, e] = read(library.CKA_MODULUS, library.CKA_PUBLIC_EXPONENT)
  const withoutZeros = (bytes: Buffer) => bytes.subarray(bytes.findIndex((byte) => byte !== 0))
  return { kty: 'RSA', n: text(withoutZeros(n!)), e: text(withoutZeros(e!)) }
}
