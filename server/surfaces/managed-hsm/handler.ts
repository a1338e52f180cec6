import { z } from 'zod'
import type { ManagedHsm } from '@/server/managed-hsm/model'
import { hsmKeys, randomFromHsm, resolveHsmHost } from '@/server/managed-hsm/service'
import type { SurfaceEnv } from '../env'
import { handleKeyStore, type KeyStoreDoor, type OwnCall } from '../keyvault/door'
import type { Answer } from '../keyvault/requests'
import { parseBody, toBase64url } from '../keyvault/wire'
import { answerPoolBackup } from './pool-backup'
import { answerRoles } from './roles'
import { answerSecurityDomain } from './security-domain'

const rngBody = z.object({ count: z.number() })

/** What an HSM serves besides keys: its security domain, backup of the whole, randomness, local roles. */
async function own(call: OwnCall): Promise<Answer | null> {
  const { ctx, storeId, method, options, body } = call
  const path = call.path.toLowerCase().replace(/\/$/, '')
  if (method === 'POST' && path === '/rng') {
    const { count } = parseBody(rngBody, body())
    return { status: 200, body: { value: toBase64url(await randomFromHsm(ctx, storeId, count, options)) } }
  }
  return (await answerSecurityDomain(call)) ?? (await answerPoolBackup(call)) ?? answerRoles(call)
}

const HSM_DOOR: KeyStoreDoor<ManagedHsm> = { type: 'managedhsm', find: resolveHsmHost, keys: hsmKeys, own }

/** Serves `{hsm}.managedhsm.localhost`: keys, activation, randomness and local RBAC of a Managed HSM. */
export const handleManagedHsm = (request: Request, env: SurfaceEnv): Promise<Response> =>
  handleKeyStore(request, env, HSM_DOOR)
