import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import {
  assignRole,
  createManagedIdentity,
  createResourceGroup,
  createServicePrincipal,
  issueToken,
} from '@/server/identity/service'
import { createVault, setAccessPolicy, vaultKeys } from '@/server/keyvault/service'
import { HSM_ROLE_IDS } from '@/server/managed-hsm/model'
import { activateManagedHsm, assignHsmRole, createManagedHsm, hsmKeys } from '@/server/managed-hsm/service'
import { handleArm } from '@/server/surfaces/arm/handler'
import { handleEntra } from '@/server/surfaces/entra/handler'
import type { SurfaceEnv } from '@/server/surfaces/env'
import { handleKeyVault } from '@/server/surfaces/keyvault/handler'
import { handleManagedHsm } from '@/server/surfaces/managed-hsm/handler'
import { hsmInput, LOCATION, vaultInput } from '../../support/key-stores'
import { custody, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

/** Whatever is sent, each surface answers in its service's own form: never a crash, never a word about the inside. */
const { db, service, as } = await testTenant()
const RG = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/rg`
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const app = await createServicePrincipal(service, { displayName: 'fuzzer' })
const me = app.principal.objectId
await assignRole(service, {
  scope: `/subscriptions/${SUBSCRIPTION_ID}`,
  roleDefinitionId: ROLE_IDS.owner,
  principalId: me,
})
const identity = { subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'rg', name: 'id-fuzz', location: LOCATION }
await createManagedIdentity(service, identity)
const vault = await createVault(service, vaultInput('fuzz-kv', { rbac: false, sku: 'premium' }))
await setAccessPolicy(service, vault.id, { objectId: me, keys: ['all', 'purge'] })
await createManagedHsm(service, hsmInput('fuzz-hsm', [me]))
const holder = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'spki' })
const publicKeys = [1, 2, 3].map(() => String(holder()))
await activateManagedHsm(as(app.principal), 'fuzz-hsm', { publicKeys, quorum: 2 })
for (const role of [HSM_ROLE_IDS.cryptoUser, HSM_ROLE_IDS.cryptoOfficer])
  await assignHsmRole(as(app.principal), 'fuzz-hsm', { scope: '/', roleDefinitionId: role, principalId: me })
const ALL_OPS = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey']
for (const keys of [vaultKeys(as(app.principal), 'fuzz-kv'), hsmKeys(as(app.principal), 'fuzz-hsm')]) {
  await keys.create({ name: 'r', kty: 'RSA', keyOps: ALL_OPS })
  await keys.create({ name: 'e', kty: 'EC', keyOps: ALL_OPS })
}
await hsmKeys(as(app.principal), 'fuzz-hsm').create({ name: 'o', kty: 'oct', keyOps: ALL_OPS })

/** Every private half there ever was: those made so far, and whatever is sealed from now on. */
const secrets = (await db.keyVersion.findMany()).map((row) =>
  custody.open('key-material', `${row.keyId}/${row.version}`, row.sealedPrivate),
)
const attentive: typeof custody = {
  ...custody,
  seal(purpose, context, plain) {
    if (purpose === 'key-material') secrets.push(Buffer.from(plain))
    return custody.seal(purpose, context, plain)
  },
}
const env: SurfaceEnv = { db, custody: attentive, httpsPort: 8443, caller: { address: '127.0.0.1' } }
const bearer = async (audience: string) =>
  `Bearer ${await issueToken(env, { tenantId: TENANT_ID, principal: app.principal, audience, now: service.now, lifetimeSeconds: 3600 })}`

const word = fc.oneof(
  fc.constantFrom(
    'keys',
    'deletedkeys',
    'r',
    'e',
    'o',
    'x',
    '',
    '..',
    '%00',
    '%ff',
    '%2f',
    'a'.repeat(300),
    'Ü',
    '+',
    '*',
  ),
  fc.constantFrom(
    'create',
    'versions',
    'wrapkey',
    'unwrapKey',
    'sign',
    'verify',
    'encrypt',
    'decrypt',
    'rotate',
    'backup',
  ),
  fc.constantFrom(
    'restore',
    'recover',
    'release',
    'rotationpolicy',
    'attestation',
    'rng',
    'securitydomain',
    'download',
  ),
  fc.constantFrom('providers', 'Microsoft.Authorization', 'roleAssignments', 'roleDefinitions', 'upload', 'pending'),
  fc.string({ maxLength: 12, unit: 'binary' }).map(encode),
)
/** Halves of characters cannot be written into a URL at all. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '?'))
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b).toString('base64url')),
  fc.constantFrom('', '=', 'a b', 'ÿ', '\u0000', 'A'.repeat(9), 'x'.repeat(20_000)),
)
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(null, '', -1, 1e308, 2 ** 53, 'NaN', [], {}, '\u0000', '\ud800', true, { __proto__: null }),
)
/** Bodies that look right, with any of their members put wrong. */
const shaped = fc.record(
  {
    kty: fc.oneof(fc.constantFrom('EC', 'EC-HSM', 'oct', 'oct-HSM', 'EC '), odd),
    crv: fc.oneof(fc.constantFrom('P-256', 'P-521', 'P-256K', 'secp256k1'), odd),
    key_size: fc.oneof(fc.constantFrom(0, 127, 128, 256, -2048, 1.5), odd),
    key_ops: fc.oneof(fc.array(fc.constantFrom(...ALL_OPS, 'import', 'export', 'fly')), odd),
    attributes: fc.oneof(fc.record({ enabled: odd, nbf: odd, exp: odd, exportable: odd }, { requiredKeys: [] }), odd),
    tags: odd,
    release_policy: odd,
    alg: fc.oneof(
      fc.constantFrom('RSA-OAEP-256', 'RSA1_5', 'A256GCM', 'A256CBC', 'A128KW', 'ES256', 'HS256', '__proto__'),
      odd,
    ),
    value: fc.oneof(bytes, odd),
    digest: fc.oneof(bytes, odd),
    iv: fc.oneof(bytes, odd),
    aad: fc.oneof(bytes, odd),
    tag: fc.oneof(bytes, odd),
    key: fc.oneof(
      fc.record(
        { kty: fc.constantFrom('RSA', 'EC', 'oct'), n: bytes, e: bytes, d: bytes, k: bytes, key_hsm: bytes },
        { requiredKeys: ['kty'] },
      ),
      odd,
    ),
    Hsm: odd,
    target: odd,
    lifetimeActions: odd,
    count: odd,
    certificates: odd,
    required: odd,
    location: fc.oneof(fc.constant('westeurope'), odd),
    sku: odd,
    properties: fc.oneof(
      fc.record(
        {
          tenantId: odd,
          sku: odd,
          accessPolicies: odd,
          networkAcls: odd,
          kty: odd,
          roleDefinitionId: odd,
          principalId: odd,
          level: odd,
          createMode: odd,
        },
        { requiredKeys: [] },
      ),
      odd,
    ),
  },
  { requiredKeys: [] },
)
const body = fc.oneof(
  { weight: 6, arbitrary: shaped.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: odd.map((value) => JSON.stringify(value) ?? '') },
  { weight: 1, arbitrary: shaped.map((value) => JSON.stringify(value).slice(0, -3)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '[[[[',
      '{"kty":"RSA"',
      '\ufeff{}',
      '{}{}',
      `"${'x'.repeat(1_000_000)}"`,
      '['.repeat(50_000),
    ),
  },
)
const query = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('?api-version=2025-07-01', '?api%2Dversion=7.4', '?api-version=2026-02-01') },
  fc.constantFrom(
    '',
    '?api-version=',
    '?api-version=9.9',
    '?api-version=7.4&maxresults=0',
    '?api-version=7.4&$skiptoken=%00',
  ),
  fc
    .string({ maxLength: 20 })
    .map((text) => `?api-version=7.4&$filter=${encode(text)}&${encode(text)}=${encode(text)}`),
)
const method = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'POST', 'PUT', 'PATCH') },
  fc.constantFrom('DELETE', 'HEAD', 'OPTIONS'),
)
const headers = fc.record(
  {
    'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-16', 'x'),
    'x-http-method': fc.constantFrom('PATCH', 'DELETE', 'TRACE', ' ', 'get'),
    'x-ms-client-request-id': fc.constantFrom('x', '0'.repeat(4000), '12345678-0000-4000-8000-000000000000'),
    'if-match': fc.constantFrom('*', '""'),
  },
  { requiredKeys: [] },
)

const everything: string[] = []
/** What went to the log meanwhile. */
const logged: string[] = []
vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => logged.push(String(chunk)) > 0)
const INSIDE = /node_modules|\.tsx?:\d|\n\s+at \S+ \(|prisma|zoderror|invariant|TypeError|postgres(?!ql)/i

type Call = { verb: string; at: string; q: string; more: Record<string, string>; content: string | Uint8Array | null }

/** What an ordinary client does with a key, so that there is something to find behind the nonsense. */
const ordinary: fc.Arbitrary<Call> = fc
  .tuple(
    fc.constantFrom('r', 'e', 'o', 'new'),
    fc.constantFrom<[verb: string, rest: string, body?: object]>(
      ['POST', '/create', { kty: 'EC' }],
      ['POST', '/create', { kty: 'oct-HSM', key_size: 256 }],
      ['POST', '/rotate'],
      ['POST', '/backup'],
      ['GET', ''],
      ['GET', '/versions'],
      ['GET', '//attestation'],
      ['GET', '/rotationpolicy'],
      [
        'PUT',
        '/rotationpolicy',
        { lifetimeActions: [{ trigger: { timeAfterCreate: 'P28D' }, action: { type: 'Rotate' } }] },
      ],
      ['PATCH', '/', { attributes: { enabled: true }, tags: { a: 'b' } }],
      ['POST', '//sign', { alg: 'ES256', value: Buffer.alloc(32, 1).toString('base64url') }],
      ['POST', '//encrypt', { alg: 'A256GCM', value: 'AQID' }],
      ['POST', '//wrapkey', { alg: 'RSA-OAEP-256', value: 'AQID' }],
      ['POST', '//decrypt', { alg: 'RSA1_5', value: Buffer.alloc(256, 1).toString('base64url') }],
      ['POST', '//release', { target: 'a.b.c' }],
    ),
  )
  .map(([name, [verb, rest, content]]) => ({
    ...{ verb, at: `/keys/${name}${rest}`, q: '?api-version=7.4', more: {} },
    content: content ? JSON.stringify(content) : null,
  }))

/** Where a person enters the code of a device: the one answer that is not for machines. */
const PAGE = '/device'

type Surface = {
  handle(request: Request, env: SurfaceEnv): Promise<Response>
  origin: string
  auth: string | null
  path: fc.Arbitrary<string>
  body?: fc.Arbitrary<string | Uint8Array>
  sane?: fc.Arbitrary<Call>
  isError(body: Record<string, unknown>): void
}
const azureError = (body: Record<string, unknown>) => {
  expect(body.error).toMatchObject({ code: expect.stringMatching(/./), message: expect.stringMatching(/./) })
}

async function holds({ handle, origin, auth, path, isError, body: bodies = body, sane }: Surface, numRuns: number) {
  const strange: fc.Arbitrary<Call> = fc.record({
    verb: method,
    at: path,
    q: query,
    more: headers,
    content: fc.option(bodies),
  })
  const calls = sane ? fc.oneof({ weight: 2, arbitrary: strange }, sane) : strange
  const run = fc.asyncProperty(calls, fc.nat(19), async ({ verb, at, q, more, content }, luck) => {
    const authorization = luck === 0 ? 'Bearer x' : (auth ?? '')
    const request = new Request(`${origin}${at}${q}`, {
      method: verb,
      headers: { ...more, ...(authorization && { authorization }) },
      body: verb !== 'GET' && verb !== 'HEAD' && content !== null ? (content as string) : undefined,
    })
    const answer = await handle(request, env)
    const text = await answer.text()
    everything.push(text, JSON.stringify([...answer.headers]))
    expect(answer.status, `${verb} ${at}${q}\n${text}`).toBeLessThan(500)
    expect(text).not.toMatch(INSIDE)
    const type = answer.headers.get('content-type') ?? ''
    const isPage = at === PAGE && type.startsWith('text/html')
    if (text && !isPage) expect(type).toMatch(/^application\/json/)
    if (answer.status >= 400 && text && !isPage) isError(JSON.parse(text))
  })
  await fc.assert(run, { numRuns, interruptAfterTimeLimit: 40_000 })
}

const keyPath = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom('keys', 'deletedkeys'),
        fc.constantFrom('r', 'e', 'o', 'new'),
        fc.array(word, { maxLength: 2 }),
      )
      .map(([c, n, rest]) => `/${[c, n, ...rest].join('/')}`),
  },
  fc.array(word, { maxLength: 6 }).map((words) => `/${words.join('/')}`),
)

describe('any request at all is answered in well-formed words', () => {
  it('by a vault', async () => {
    const auth = await bearer('https://vault.azure.net')
    await holds(
      {
        handle: handleKeyVault,
        origin: 'https://fuzz-kv.vault.localhost:8443',
        auth,
        path: keyPath,
        sane: ordinary,
        isError: azureError,
      },
      400,
    )
  })

  it('by a managed HSM', async () => {
    const auth = await bearer('https://managedhsm.azure.net')
    await holds(
      {
        handle: handleManagedHsm,
        origin: 'https://fuzz-hsm.managedhsm.localhost:8443',
        auth,
        path: keyPath,
        sane: ordinary,
        isError: azureError,
      },
      400,
    )
  })

  it('by Resource Manager', async () => {
    const known = fc.constantFrom(
      RG,
      `${RG}/providers/Microsoft.KeyVault/vaults/fuzz-kv`,
      `${RG}/providers/Microsoft.KeyVault/vaults/fuzz-kv/keys/r`,
      `${RG}/providers/Microsoft.KeyVault/vaults/fuzz-kv/accessPolicies/add`,
      `${RG}/providers/Microsoft.KeyVault/managedHSMs/fuzz-hsm`,
      `${RG}/providers/Microsoft.KeyVault/managedHSMs/fuzz-hsm/keys/e`,
      `${RG}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-fuzz`,
      `${RG}/providers/Microsoft.Authorization/roleAssignments/50000000-0000-4000-8000-000000000001`,
      `${RG}/providers/Microsoft.Authorization/locks/l`,
      `${RG}/providers/Microsoft.Insights/metricAlerts/m`,
      `${RG}/providers/Microsoft.Insights/actionGroups/g`,
    )
    const path = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.tuple(known, fc.array(word, { maxLength: 1 })).map(([k, more]) => [k, ...more].join('/')),
      },
      fc.array(word, { maxLength: 7 }).map((words) => `/subscriptions/${words.join('/')}`),
    )
    const auth = await bearer('https://management.azure.com')
    await holds(
      { handle: handleArm, origin: 'https://management.localhost:8443', auth, path, isError: azureError },
      400,
    )
  })

  it('by the token service', async () => {
    const tenant = fc.constantFrom(TENANT_ID, 'contoso.example', 'common', 'x', '%00', SUBSCRIPTION_ID)
    const at = fc.constantFrom(
      'oauth2/v2.0/token',
      'oauth2/token',
      'v2.0/.well-known/openid-configuration',
      'discovery/keys',
      'oauth2/v2.0/devicecode',
    )
    const path = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(tenant, at).map((parts) => `/${parts.join('/')}`) },
      fc.constantFrom('/metadata/identity/oauth2/token', '/common/discovery/instance', PAGE),
      fc.array(word, { maxLength: 4 }).map((words) => `/${words.join('/')}`),
    )
    const value = fc.oneof(
      fc.constantFrom(app.appId, app.secret, 'https://vault.azure.net/.default', 'x', '%00', '\u0000'),
      fc.string({ maxLength: 9 }),
    )
    const form = fc
      .record(
        {
          grant_type: fc.constantFrom(
            'client_credentials',
            'password',
            'urn:ietf:params:oauth:grant-type:device_code',
            'refresh_token',
            '',
          ),
          ...{
            client_id: value,
            client_secret: value,
            scope: value,
            resource: value,
            device_code: value,
            refresh_token: value,
          },
        },
        { requiredKeys: [] },
      )
      .map((fields) => new URLSearchParams(fields as Record<string, string>).toString())
    const isError = (answer: Record<string, unknown>) =>
      expect(answer).toMatchObject({ error: expect.any(String), error_description: expect.any(String) })
    await holds(
      {
        handle: handleEntra,
        origin: 'https://login.localhost:8443',
        auth: null,
        path,
        body: fc.oneof(form, body),
        isError,
      },
      300,
    )
  })
})

function holdsNoSecret(text: string): void {
  for (const part of secrets.flatMap(privateParts))
    for (const form of ['base64url', 'base64', 'hex'] as const) expect(text.includes(part.toString(form))).toBe(false)
}

it('no sequence of requests brings a byte of a private key out', () => {
  expect(secrets.length).toBeGreaterThan(8)
  const answers = everything.join('\n')
  holdsNoSecret(answers)
  expect(answers).not.toMatch(/"(d|p|q|dp|dq|qi|k)":"/)
})

it('no private key lies in a log or anywhere in the database in the clear', async () => {
  holdsNoSecret(logged.join(''))
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT table_name AS "name" FROM information_schema.tables WHERE table_schema = 'public'`
  let seen = 0
  for (const { name } of tables) {
    const rows = await db.$queryRawUnsafe<{ row: string }[]>(`SELECT row_to_json(t)::text AS "row" FROM "${name}" t`)
    seen += rows.length
    holdsNoSecret(rows.map(({ row }) => row).join('\n'))
  }
  expect(seen).toBeGreaterThan(100)
})

/** The numbers of a private key that are nobody else's; a symmetric key is one itself. */
function privateParts(secret: Buffer): Buffer[] {
  if (secret.length <= 32) return [secret]
  const jwk = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
  const names = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const
  return names.flatMap((name) => (jwk[name] ? [Buffer.from(jwk[name], 'base64url')] : []))
}
