import { expect, test } from 'vitest'
import { chainNodes } from '@/components/monitor/fleet/chain-nodes'
import type { ServerDetailView } from '@/server/postgres/contract'
import { CAUSES, KEY_ACCESS_CAUSES, type KeyAccessCause } from '@/server/postgres/model'
import { brokenLink, keyChain } from '@/server/queries/key-case'

const VERSION = '0123456789abcdef0123456789abcdef'
const SINCE = '2026-11-24T00:00:00.000Z'

function pageOf(host: string, cause: KeyAccessCause | null) {
  const encryption = {
    type: 'AzureKeyVault',
    primary: {
      identityId: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-1',
      identityName: 'id-1',
      principalId: '11111111-1111-1111-1111-111111111111',
      keyUri: `https://${host}/keys/cmk`,
      wrappedByKid: `https://${host}/keys/cmk/${VERSION}`,
    },
    geo: null,
    keyAccess: cause
      ? {
          accessible: false,
          cause,
          broken: CAUSES[cause].link,
          role: 'primary',
          message: 'm',
          evidence: {},
          since: SINCE,
        }
      : { accessible: true, kid: `https://${host}/keys/cmk/${VERSION}` },
  } as unknown as ServerDetailView['encryption']
  const server = { name: 'orders', state: cause ? 'Inaccessible' : 'Ready', encryption } as ServerDetailView
  const broken = brokenLink(encryption)
  return { server, chain: keyChain(encryption), broken: broken && { ...broken, repair: null } }
}

test('a whole chain leads from the server to its data key, each node to the page where it is looked after', () => {
  const nodes = chainNodes(pageOf('kv-1.vault.localhost', null))
  expect(nodes.map((n) => n.id)).toEqual(['server', 'identity', 'role', 'network', 'store', 'key', 'version', 'dek'])
  expect(nodes.every((n) => n.status === 'ok' && n.fix && n.href)).toBe(true)
  expect(nodes.find((n) => n.id === 'version')).toMatchObject({ value: '01234567', href: '/vaults/kv-1/keys/cmk' })
})

test('whatever the cause, exactly one node is broken', () => {
  for (const cause of KEY_ACCESS_CAUSES) {
    const broken = chainNodes(pageOf('kv-1.vault.localhost', cause)).filter((n) => n.status === 'broken')
    expect(broken, cause).toHaveLength(1)
  }
})

test('a key in an HSM leads to the pages of the HSM', () => {
  const nodes = chainNodes(pageOf('hsm-1.managedhsm.localhost', 'KeyDisabled'))
  expect(nodes.find((n) => n.status === 'broken')).toMatchObject({ id: 'version', href: '/hsms/hsm-1/keys/cmk' })
  expect(nodes.find((n) => n.id === 'role')?.href).toBe('/hsms/hsm-1/roles')
})

test('what comes before the broken link works, but for what was not reached: a key whose version is disabled was read', () => {
  const nodes = chainNodes(pageOf('kv-1.vault.localhost', 'KeyDisabled'))
  expect(nodes.map((n) => n.status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'broken', 'untested'])
})
