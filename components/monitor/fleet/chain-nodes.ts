import { paths } from '@/components/portal/paths'
import { parseKeyIdentifier } from '@/server/keys/model'
import type { KeyChainLink } from '@/server/postgres/model'
import type { ServerPage } from '@/server/queries/servers'

export type ChainNode = {
  id: string
  label: string
  value: string
  status: 'ok' | 'broken' | 'untested'
  /** What the node has to fulfil, and what mends it when it does not. */
  needs: string
  fix: string
  href: string | null
}

/** Which tests of a check a node stands for. */
const TESTS: Record<string, KeyChainLink[]> = {
  server: [],
  identity: ['identity'],
  role: ['permission'],
  network: ['network'],
  store: ['vault'],
  key: ['key'],
  version: ['version', 'enabled', 'validity', 'type'],
  dek: ['envelope'],
}

/** From server to data key, in the order in which a request for the key travels. */
export function chainNodes({ server, chain, broken }: Pick<ServerPage, 'server' | 'chain' | 'broken'>): ChainNode[] {
  const { encryption } = server
  const use = (broken?.role === 'geo' ? encryption.geo : encryption.primary) ?? encryption.primary
  const id = use && parseKeyIdentifier(use.wrappedByKid ?? use.keyUri)
  const store = id?.storeName ?? ''
  const vault = id?.storeType !== 'managedhsm'
  const storeHref = !id ? null : vault ? paths.vault(store) : paths.hsm(store)
  const keyHref = !id ? null : vault ? paths.vaultKey(store, id.keyName) : paths.hsmKey(store, id.keyName)
  const accessHref = !id ? null : vault ? paths.vaultSection(store, 'access') : paths.hsmSection(store, 'roles')
  const networkHref = id && vault ? paths.vaultSection(store, 'networking') : storeHref
  const status = (node: string): ChainNode['status'] => {
    const tests = chain.filter((c) => TESTS[node]!.includes(c.link)).map((c) => c.status)
    if (tests.includes('broken')) return 'broken'
    if (tests.length === 0) return 'ok'
    return tests.every((s) => s === 'ok') ? 'ok' : 'untested'
  }
  const nodes: Omit<ChainNode, 'status'>[] = [
    {
      id: 'server',
      label: 'Server',
      value: server.name,
      needs: `Asks for its key at every check; now ${server.state}.`,
      fix: 'Check its key again, or choose another key and identity.',
      href: paths.serverDataEncryption(server.name),
    },
    {
      id: 'identity',
      label: 'Identity',
      value: use?.identityName ?? 'Of the service',
      needs: 'Must exist and be attached to the server.',
      fix: 'Restore it while it is soft-deleted, or attach another one.',
      href: use?.principalId ? paths.identity(use.principalId) : null,
    },
    {
      id: 'role',
      label: 'Permission',
      value: 'get, wrapKey, unwrapKey',
      needs: 'A role or an access policy must let the identity use the key.',
      fix: 'Assign the crypto service encryption user role again, or grant the policy.',
      href: accessHref,
    },
    {
      id: 'network',
      label: 'Network',
      value: vault ? 'Firewall of the vault' : 'Reachable',
      needs: 'The store must let the service in.',
      fix: 'Allow trusted Microsoft services through the firewall.',
      href: networkHref,
    },
    {
      id: 'store',
      label: vault ? 'Key vault' : 'Managed HSM',
      value: store || '-',
      needs: 'Must exist and answer.',
      fix: 'Recover it while it is soft-deleted; give its roles again.',
      href: storeHref,
    },
    {
      id: 'key',
      label: 'Key',
      value: id?.keyName ?? '-',
      needs: 'Must exist, and not be deleted.',
      fix: 'Recover the deleted key, or restore it from its backup.',
      href: keyHref,
    },
    {
      id: 'version',
      label: 'Version',
      value: id?.version?.slice(0, 8) ?? 'Newest',
      needs: 'Must be enabled, within its dates, RSA, and allow to unwrap.',
      fix: 'Enable it, set a later end, or allow the operation again.',
      href: keyHref,
    },
    {
      id: 'dek',
      label: 'Data key',
      value: 'AES-256, wrapped',
      needs: 'Its envelope must open with this version.',
      fix: 'Restore from a backup: an envelope that was damaged cannot be mended.',
      href: paths.serverDataEncryption(server.name),
    },
  ]
  return nodes.map((node) => ({ ...node, status: status(node.id) }))
}
