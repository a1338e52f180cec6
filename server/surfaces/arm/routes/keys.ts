import { z } from 'zod'
import { requireSubscription } from '@/server/identity/service'
import { AppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, resourceId } from '@/server/kernel/resource-id'
import { formatKeyIdentifier, type KeyBundle, type RotationPolicy, recoveryLevel } from '@/server/keys/model'
import { vaultKeysAsResources } from '@/server/keyvault/service'
import { hsmKeysAsResources } from '@/server/managed-hsm/service'
import { readPolicy, toPolicy } from '../../keyvault/wire'
import { type Params, readBody, tagsBody } from '../request'
import { type ArmCall, type ArmReply, route } from '../route'

const PAGE = 25

const keyBody = z.object({
  tags: tagsBody.nullish(),
  properties: z.object({
    kty: z.string().default('RSA'),
    keySize: z.number().int().nullish(),
    curveName: z.string().nullish(),
    keyOps: z.array(z.string()).nullish(),
    attributes: z
      .object({ enabled: z.boolean().nullish(), nbf: z.number().nullish(), exp: z.number().nullish() })
      .nullish(),
    rotationPolicy: z.unknown().optional(),
    release_policy: z.unknown().optional(),
  }),
})

/** The keys of either kind of store; the paths below it are alike. */
const STORES = {
  vault: { type: RESOURCE_TYPES.vault, storeType: 'vault', open: vaultKeysAsResources },
  hsm: { type: RESOURCE_TYPES.managedHsm, storeType: 'managedhsm', open: hsmKeysAsResources },
} as const
type Kind = keyof typeof STORES

const storeId = (kind: Kind, { s, g, n }: Params): string =>
  resourceId({ subscriptionId: s!, resourceGroup: g!, type: STORES[kind].type, name: n! })

async function open(kind: Kind, call: ArmCall) {
  await requireSubscription(call.ctx, call.params.s!)
  return STORES[kind].open(call.ctx, storeId(kind, call.params), { apiVersion: call.apiVersion })
}

type Facts = Awaited<ReturnType<(typeof STORES)[Kind]['open']>>['facts']
const seconds = (date: Date) => Math.floor(date.getTime() / 1000)

function shape(call: ArmCall, kind: Kind, facts: Facts, key: KeyBundle, more: { version?: boolean } = {}) {
  const { storeType, type } = STORES[kind]
  const uri = (version?: string) =>
    formatKeyIdentifier({ storeType, storeName: facts.name, keyName: key.name, version }, call.env.httpsPort)
  const id = `${facts.id}/keys/${key.name}`
  return {
    id: more.version ? `${id}/versions/${key.version}` : id,
    name: more.version ? key.version : key.name,
    type: more.version ? `${type}/keys/versions` : `${type}/keys`,
    ...(kind === 'vault' && { location: facts.location }),
    tags: key.tags,
    properties: {
      attributes: {
        enabled: key.enabled,
        ...(key.notBefore && { nbf: seconds(key.notBefore) }),
        ...(key.expires && { exp: seconds(key.expires) }),
        created: seconds(key.createdAt),
        updated: seconds(key.updatedAt),
        recoveryLevel: recoveryLevel(facts),
        exportable: false,
      },
      kty: key.kty,
      keyOps: key.keyOps,
      ...(key.keySize && { keySize: key.keySize }),
      ...(key.crv && { curveName: key.crv }),
      keyUri: uri(),
      keyUriWithVersion: uri(key.version),
    },
  }
}

const policyShape = (kind: Kind, policy: RotationPolicy | null) => {
  if (!policy) return {}
  const { lifetimeActions, attributes } = toPolicy('', policy, { type: STORES[kind].storeType, origin: '' })
  return { rotationPolicy: { lifetimeActions, attributes } }
}

const dateOf = (at: number | null | undefined) => (at == null ? null : new Date(at * 1000))

async function put(kind: Kind, call: ArmCall): Promise<ArmReply> {
  const { tags, properties: p } = await readBody(call.request, keyBody)
  // SIMULATED: there is no attestation service here that a key could be released by.
  if (p.release_policy)
    throw new AppError('BadParameter', { publicMessage: 'Release policies are not part of this simulation.' })
  const { keys } = await open(kind, call)
  const spec = {
    name: call.params.k!,
    kty: p.kty,
    keySize: p.keySize,
    crv: p.curveName,
    keyOps: p.keyOps ?? undefined,
    enabled: p.attributes?.enabled ?? undefined,
    notBefore: dateOf(p.attributes?.nbf),
    expires: dateOf(p.attributes?.exp),
    tags: tags ?? undefined,
  }
  await keys.createIfMissing(spec, p.rotationPolicy ? readPolicy(p.rotationPolicy) : null)
  return get(kind, call)
}

async function get(kind: Kind, call: ArmCall): Promise<ArmReply> {
  const { keys, facts } = await open(kind, call)
  const { key, policy } = await keys.describe(call.params.k!, null)
  const { properties, ...resource } = shape(call, kind, facts, key)
  return { body: { ...resource, properties: { ...properties, ...policyShape(kind, policy) } } }
}

async function getVersion(kind: Kind, call: ArmCall): Promise<ArmReply> {
  const { keys, facts } = await open(kind, call)
  const key = await keys.get(call.params.k!, call.params.v!)
  return { body: shape(call, kind, facts, key, { version: true }) }
}

/** One page, and where the next one is: the link holds the name of the last key, as the client calls it unchanged. */
async function listKeys(kind: Kind, call: ArmCall): Promise<ArmReply> {
  const { keys, facts } = await open(kind, call)
  const after = call.query.get('$skiptoken')
  const found = await keys.list({ after, limit: PAGE + 1 })
  const shown = found.slice(0, PAGE)
  return page(
    call,
    shown.map((key) => shape(call, kind, facts, key)),
    found.length > PAGE ? shown.at(-1)!.name : null,
  )
}

async function listVersions(kind: Kind, call: ArmCall): Promise<ArmReply> {
  const { keys, facts } = await open(kind, call)
  const found = await keys.listVersions(call.params.k!)
  return page(
    call,
    found.map((key) => shape(call, kind, facts, key, { version: true })),
    null,
  )
}

function page(call: ArmCall, value: object[], mark: string | null): ArmReply {
  if (mark === null) return { body: { value } }
  const next = new URL(call.request.url)
  next.searchParams.set('$skiptoken', mark)
  return { body: { value, nextLink: `${call.base}${next.pathname}${next.search}` } }
}

/** Keys through Resource Manager: read, and made where they are missing; never changed, never a second version. */
export const keyRoutes = (['vault', 'hsm'] as const).flatMap((kind) => {
  const KEYS = `/subscriptions/{s}/resourceGroups/{g}/providers/${STORES[kind].type}/{n}/keys`
  return [
    route('GET', KEYS, (call) => listKeys(kind, call)),
    route('PUT', `${KEYS}/{k}`, (call) => put(kind, call)),
    route('GET', `${KEYS}/{k}`, (call) => get(kind, call)),
    route('GET', `${KEYS}/{k}/versions`, (call) => listVersions(kind, call)),
    route('GET', `${KEYS}/{k}/versions/{v}`, (call) => getVersion(kind, call)),
  ]
})
