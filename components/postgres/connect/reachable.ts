import { type ConnectionView, ipToNumber, type ServerView } from '@/server/postgres/contract'
import { CAUSES } from '@/server/postgres/model'

export type Reach = {
  intent: 'success' | 'warning' | 'error' | 'info'
  title: string
  text: string
  /** Where the way out is. */
  place?: 'networking' | 'encryption'
}

type Server = Pick<ServerView, 'name' | 'state' | 'publicAccess' | 'firewallRules' | 'encryption'>

const covers = (rules: Server['firewallRules'], address: string): boolean =>
  rules.some(
    // This rule stands for services inside Azure, which no client here is.
    (r) =>
      !(r.startIp === '0.0.0.0' && r.endIp === '0.0.0.0') &&
      ipToNumber(r.startIp) <= ipToNumber(address) &&
      ipToNumber(address) <= ipToNumber(r.endIp),
  )

/** What a connection of now would meet, in the order in which the gateway decides. */
export function reachOf(server: Server, connection: ConnectionView): Reach {
  const { installation, runtime, port, hostAddress } = connection
  if (!installation.available)
    return { intent: 'error', title: 'This installation runs no databases', text: installation.reason ?? '' }
  if (port === null)
    return { intent: 'warning', title: 'The gateway is not up', text: 'No engine takes connections at the moment.' }
  if (!server.publicAccess) {
    return {
      intent: 'warning',
      title: 'Public access is off',
      text: 'Connections are refused: this simulation has no virtual networks to come from.',
      place: 'networking',
    }
  }
  if (!covers(server.firewallRules, hostAddress)) {
    return {
      intent: 'warning',
      title: 'The firewall lets nobody in from this machine',
      text: `No rule covers ${hostAddress}: connections are refused with SQLSTATE 28000. Add a rule.`,
      place: 'networking',
    }
  }
  return byState(server, runtime.state)
}

function byState({ name, state, encryption }: Server, runtime: ConnectionView['runtime']['state']): Reach {
  if (state === 'Inaccessible') {
    const verdict = encryption.keyAccess
    const cause = verdict && !verdict.accessible ? CAUSES[verdict.cause] : null
    return {
      intent: 'error',
      title: `Inaccessible: ${cause?.title ?? 'its key cannot be used'}`,
      text: `Connections are refused with FATAL, SQLSTATE 57P03: server "${name}" is Inaccessible. ${cause?.wayOut ?? ''}`,
      place: 'encryption',
    }
  }
  if (state !== 'Ready' && state !== 'Updating')
    return {
      intent: 'warning',
      title: `The server is ${state}`,
      text: `Connections are refused with FATAL, SQLSTATE 57P03: server "${name}" is ${state}.`,
    }
  if (runtime === 'None')
    return {
      intent: 'warning',
      title: 'The server has no database',
      text: 'It was made when this installation ran no databases: create another to connect to.',
    }
  if (runtime === 'Asleep')
    return {
      intent: 'info',
      title: 'Ready, asleep',
      text: 'Nothing has used it for a while. The first connection unwraps its data key and wakes it in about a second.',
    }
  return { intent: 'success', title: 'Ready, awake', text: 'It takes connections now.' }
}
