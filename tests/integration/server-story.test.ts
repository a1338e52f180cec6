import { expect, test } from 'vitest'
import { vaultKeys } from '@/server/keyvault/service'
import { customerManaged, serviceManaged, testWorld, VAULT } from '../support/world'

const HOUR = 3600
const world = await testWorld()
const identity = await world.makeIdentity('id-story')
await world.grant(identity.principalId)

test('a server with a service-managed key is created Ready, its data key wrapped by a key nobody lists', async () => {
  const operation = await world.provision('story-smk', serviceManaged)
  expect(operation).toMatchObject({ status: 'Succeeded', error: null })
  const server = await world.server('story-smk')
  expect(server.state).toBe('Ready')
  expect(server.encryption.primary?.wrappedByKid).toMatch(/^https:\/\/smk-.*\/keys\/service-managed-key\/[0-9a-f]{32}$/)
})

test.each([
  ['pinned to a version', false],
  ['version-less', true],
])(
  'a server %s falls within 60 minutes of its key being disabled and is Ready within 60 minutes of its return',
  async (_how, autoUpdate) => {
    const name = autoUpdate ? 'story-auto' : 'story-pinned'
    const key = await world.makeKey(`key-of-${name}`)
    const operation = await world.provision(
      name,
      customerManaged(identity.id, autoUpdate ? key.versionless : key.pinned, autoUpdate),
    )
    expect(operation).toMatchObject({ status: 'Succeeded', error: null })
    expect((await world.server(name)).state).toBe('Ready')

    await vaultKeys(await world.ctx(), VAULT).update(`key-of-${name}`, null, { enabled: false })
    await world.advance(HOUR)
    const fallen = await world.server(name)
    expect(fallen.state).toBe('Inaccessible')
    expect(fallen.encryption.keyAccess).toMatchObject({ accessible: false, cause: 'KeyDisabled', broken: 'enabled' })

    await vaultKeys(await world.ctx(), VAULT).update(`key-of-${name}`, null, { enabled: true })
    await world.advance(HOUR)
    const healed = await world.server(name)
    expect(healed.state).toBe('Ready')
    expect(healed.history.map((h) => h.to)).toEqual(['Ready', 'Inaccessible', 'Ready', 'Provisioning'])
  },
)

test('a version-less server adopts a rotated key by itself and keeps its data key; a pinned one stays', async () => {
  const key = await world.makeKey('rotating')
  await world.provision('rotate-auto', customerManaged(identity.id, key.versionless, true))
  await world.provision('rotate-pinned', customerManaged(identity.id, key.pinned, false))
  const before = await world.server('rotate-auto')
  const { version } = await vaultKeys(await world.ctx(), VAULT).rotate('rotating')
  await world.advance(HOUR)
  const after = await world.server('rotate-auto')
  expect(after.encryption.primary?.wrappedByKid).toContain(version)
  expect(after.encryption.primary?.keyCheckValue).toBe(before.encryption.primary?.keyCheckValue)
  expect((await world.server('rotate-pinned')).encryption.primary?.wrappedByKid).toContain(key.version)
})
