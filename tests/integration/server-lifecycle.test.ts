import { expect, test } from 'vitest'
import { updateTenantSettings } from '@/server/identity/service'
import { vaultKeys } from '@/server/keyvault/service'
import { checkServerName, createServer, deleteServer, retryCreation, updateEncryption } from '@/server/postgres/service'
import { cancelOperation, getOperation } from '@/server/workflow/service'
import {
  customerManaged,
  makeVault,
  PASSWORD,
  serverInput,
  serviceManaged,
  testWorld,
  VAULT,
  vaultIdOf,
} from '../support/world'

const world = await testWorld()
const { keyAccess } = world.engine.wiring
const identity = await world.makeIdentity('id-life')
await world.grant(identity.principalId)
const key = await world.makeKey('life')

test('two people creating the same name at once: one wins, the other gets a clear answer', async () => {
  const ctx = await world.ctx()
  const both = await Promise.allSettled(
    [1, 2].map(() => createServer(ctx, keyAccess, serverInput('same-name', serviceManaged))),
  )
  const lost = both.find((r) => r.status === 'rejected')
  expect(both.filter((r) => r.status === 'fulfilled')).toHaveLength(1)
  expect(lost?.reason).toMatchObject({
    code: 'NameUnavailable',
    fields: { 'basics.name': expect.stringContaining('same-name') },
  })
})

test('a taken name is told with free ones beside it, a malformed one with its fault', async () => {
  const ctx = await world.ctx()
  expect(await checkServerName(ctx, 'same-name')).toMatchObject({
    available: false,
    suggestions: ['same-name-dev', 'same-name-test', 'same-name-prod'],
  })
  expect(await checkServerName(ctx, 'Not_OK')).toMatchObject({
    available: false,
    reason: expect.stringContaining('lower-case'),
  })
})

test('a server is refused before anything is made when a rule is broken, with the rule’s name and Azure’s code', async () => {
  const ctx = await world.ctx()
  await makeVault(ctx, 'no-purge-kv', 'northeurope', { purgeProtection: false })
  await world.grant(identity.principalId, vaultIdOf('no-purge-kv'))
  const unprotected = await world.makeKey('k', 'no-purge-kv')
  const input = serverInput('refused', customerManaged(identity.id, unprotected.versionless, true))
  await expect(createServer(ctx, keyAccess, input)).rejects.toMatchObject({
    code: 'PreconditionFailed',
    vendorCode: 'SecurityInvalidAzureKeyVaultRecoveryLevel',
    fields: { rule: 'purge-protection' },
  })
  expect((await checkServerName(ctx, 'refused')).available).toBe(true)
})

test('geo-redundant backup takes a second key and identity in the paired region, each with a data key of its own', async () => {
  const ctx = await world.ctx()
  await makeVault(ctx, 'paired-kv', 'westeurope')
  const geoIdentity = await world.makeIdentity('id-life-weu', 'westeurope')
  await world.grant(geoIdentity.principalId, vaultIdOf('paired-kv'))
  const geoKey = await world.makeKey('geo', 'paired-kv')
  const geo = { identityId: geoIdentity.id, keyUri: geoKey.versionless, autoUpdate: true }
  expect(await world.provision('geo-server', customerManaged(identity.id, key.pinned, false, geo), true)).toMatchObject(
    { status: 'Succeeded' },
  )
  const { encryption } = await world.server('geo-server')
  expect(encryption.geo?.wrappedByKid).toContain(geoKey.version)
  expect(encryption.geo?.keyCheckValue).not.toBe(encryption.primary?.keyCheckValue)
})

test('a role that is still taking effect is waited for on the clock, not refused', async () => {
  await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: 300 })
  const late = await world.makeIdentity('id-late')
  await world.grant(late.principalId)
  await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: 0 })
  const ctx = await world.ctx()
  const { operationId } = await createServer(
    ctx,
    keyAccess,
    serverInput('patient', customerManaged(late.id, key.versionless, true)),
  )
  await world.advance(299)
  expect(await getOperation(ctx, operationId)).toMatchObject({ status: 'Waiting' })
  await world.advance(1)
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
})

test('a waiting creation can be cancelled: it leaves nothing, its name is free, and it can be repeated', async () => {
  await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: 600 })
  const late = await world.makeIdentity('id-later')
  await world.grant(late.principalId)
  await updateTenantSettings(await world.ctx(), { rolePropagationSeconds: 0 })
  const ctx = await world.ctx()
  const { operationId } = await createServer(
    ctx,
    keyAccess,
    serverInput('given-up', customerManaged(late.id, key.versionless, true)),
  )
  await cancelOperation(ctx, operationId)
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Canceled' })
  expect((await checkServerName(ctx, 'given-up')).available).toBe(true)
  await world.advance(600)
  const again = await retryCreation(await world.ctx(), keyAccess, operationId)
  expect(await world.untilEnded(again.operationId)).toMatchObject({ status: 'Succeeded', retryOfId: operationId })
  expect((await world.server('given-up')).state).toBe('Ready')
})

test('the password is kept nowhere: not in the operation, the server, the activity log or the audit log', async () => {
  await world.provision('secretive', serviceManaged)
  const { db } = world.engine
  const dump = JSON.stringify(
    await Promise.all([
      db.operation.findMany(),
      db.operationStep.findMany(),
      db.server.findMany(),
      db.activityEvent.findMany(),
      db.auditEvent.findMany(),
    ]),
    (_k, v) => (typeof v === 'bigint' ? String(v) : v instanceof Uint8Array ? Buffer.from(v).toString('latin1') : v),
  )
  expect(dump).not.toContain(PASSWORD)
  expect(dump).not.toContain(Buffer.from(PASSWORD).toString('base64'))
})

test('the mode is for life: a service-managed server takes no key of a customer', async () => {
  await world.provision('for-life', serviceManaged)
  const { id } = await world.server('for-life')
  const primary = { identityId: identity.id, keyUri: key.versionless, autoUpdate: true }
  await expect(
    updateEncryption(await world.ctx(), keyAccess, { serverId: id, primary, geo: null }),
  ).rejects.toMatchObject({
    code: 'InvalidParameterValue',
    publicMessage: expect.stringContaining('restore'),
  })
})

test('deleting a server destroys its data keys and frees its name', async () => {
  await world.provision('short-lived', customerManaged(identity.id, key.versionless, true))
  const { id } = await world.server('short-lived')
  const { operationId } = await deleteServer(await world.ctx(), id)
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
  expect(await world.engine.db.envelope.count({ where: { serverId: id } })).toBe(0)
  expect((await checkServerName(await world.ctx(), 'short-lived')).available).toBe(true)
})

test('while one operation works on a server another is refused as busy', async () => {
  await world.provision('busy', customerManaged(identity.id, key.pinned, false))
  await vaultKeys(await world.ctx(), VAULT).rotate('life')
  const { id } = await world.server('busy')
  const ctx = await world.ctx()
  const request = {
    serverId: id,
    primary: { identityId: identity.id, keyUri: key.versionless, autoUpdate: true },
    geo: null,
  }
  const results = await Promise.allSettled([
    updateEncryption(ctx, keyAccess, request),
    updateEncryption(ctx, keyAccess, request),
  ])
  expect(results.map((r) => (r.status === 'rejected' ? r.reason.code : 'accepted')).sort()).toEqual([
    'ServerIsBusy',
    'accepted',
  ])
})
