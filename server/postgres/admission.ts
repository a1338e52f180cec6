import { SUPERUSER } from '@/server/dataplane/model'
import { ipToNumber } from './contract'
import { CAUSES, type ServerRecord, type ServerState } from './model'

/** Why a connection is refused, in PostgreSQL's terms. */
export type Refusal = { sqlState: string; message: string; detail?: string; hint?: string }

type Client = { address: string; user: string; database: string }
type Rule = { startIp: string; endIp: string }

/** States in which the database may be open. */
export const MAY_RUN: readonly ServerState[] = [
  'Ready',
  'Updating',
  'Provisioning',
  'Starting',
  'Restarting',
  'Stopping',
]

/** An IPv4 address in its usual form; loopback and mapped IPv6 addresses count as theirs. Null for other IPv6. */
export function ipv4Of(address: string): string | null {
  if (address === '::1') return '127.0.0.1'
  const plain = address.replace(/^::ffff:/i, '')
  return /^\d+\.\d+\.\d+\.\d+$/.test(plain) ? plain : null
}

/** Whether a firewall rule covers the address. 0.0.0.0 alone stands for services inside Azure, which no client here is. */
export function isCovered(rules: readonly Rule[], address: string): boolean {
  const ip = ipv4Of(address)
  if (!ip) return false
  const n = ipToNumber(ip)
  return rules.some(
    (r) =>
      !(r.startIp === '0.0.0.0' && r.endIp === '0.0.0.0') && ipToNumber(r.startIp) <= n && n <= ipToNumber(r.endIp),
  )
}

/**
 * Whether a server takes a connection; null when it does. SQLSTATE 28000 for the firewall and for reserved roles, 57P03
 * for states in which it takes none. SIMULATED: this machine's own address needs a rule like any other.
 */
export function judgeConnection(server: ServerRecord, rules: readonly Rule[], client: Client): Refusal | null {
  if (client.user === SUPERUSER)
    return { sqlState: '28000', message: `role "${client.user}" is reserved for the service and cannot log in` }
  const { networking, authentication } = server.properties
  if (networking.connectivity === 'Private' || !networking.publicAccess) {
    return {
      sqlState: '28000',
      message: `server "${server.name}" takes no connections from outside its virtual network`,
      hint: 'Public access is off. This simulation has no virtual networks: allow public access to connect.',
    }
  }
  if (!isCovered(rules, client.address)) {
    return {
      sqlState: '28000',
      message: `no pg_hba.conf entry for host "${client.address}", user "${client.user}", database "${client.database}", SSL encryption`,
      detail: `No firewall rule of server "${server.name}" covers this address.`,
      hint: 'Add a firewall rule for it under Networking.',
    }
  }
  const byState = refusalOfState(server)
  if (byState) return byState
  if (authentication.method === 'EntraOnly') {
    return {
      sqlState: '28000',
      message: `server "${server.name}" takes Microsoft Entra sign-ins only, which this installation does not offer`,
    }
  }
  return null
}

/** What a state means for clients; null in those that take connections. */
export function refusalOfState(server: ServerRecord): Refusal | null {
  const { name, state } = server
  if (state === 'Ready' || state === 'Updating') return null
  if (state !== 'Inaccessible')
    return { sqlState: '57P03', message: `server "${name}" is ${state}`, hint: HINTS[state] }
  const verdict = server.keyAccess
  if (!verdict || verdict.accessible) return { sqlState: '57P03', message: `server "${name}" is Inaccessible` }
  const { title, wayOut } = CAUSES[verdict.cause]
  const { key, keyStore, version } = verdict.evidence
  return {
    sqlState: '57P03',
    message: `server "${name}" is Inaccessible: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    detail: keyStore ? `Key ${key}, version ${version}, in ${keyStore}.` : verdict.message,
    hint: wayOut,
  }
}

const HINTS: Partial<Record<ServerState, string>> = {
  Stopped: 'Start it on its page in the portal.',
  Provisioning: 'It is being created: wait until it is Ready.',
  Starting: 'Wait until it is Ready.',
  Restarting: 'Wait until it is Ready.',
  Stopping: 'It is being stopped.',
  Dropping: 'It is being deleted.',
  Disabled: 'Its subscription has a problem.',
}
