import { CAUSES, type KeyAccessVerdict, type ServerState } from '@/server/postgres/model'
import type { HealthView } from '../contract/health'

export type HealthFacts = {
  name: string
  state: ServerState
  /** Since when it is in that state. */
  since: Date
  verdict: KeyAccessVerdict | null
  /** Of the standby's own check; null without a standby, and before the first. */
  standby: KeyAccessVerdict | null
  /** The first connection that was refused in this episode of being Inaccessible; null while none was. */
  firstDeniedAt: Date | null
  now: Date
}

type Broken = Extract<KeyAccessVerdict, { accessible: false }>
type Judged = Pick<HealthView, 'state' | 'title' | 'summary' | 'reasonType' | 'context' | 'reasonChronicity'>

const available = (summary: string): Judged => ({
  state: 'Available',
  title: 'Available',
  summary,
  reasonType: '',
  context: '',
  reasonChronicity: 'Persistent',
})
const byCustomer = (state: Judged['state'], title: string, summary: string, chronic = false): Judged => ({
  state,
  title,
  summary,
  reasonType: 'UserInitiated',
  context: 'Customer Initiated',
  reasonChronicity: chronic ? 'Persistent' : 'Transient',
})

const BY_STATE: Record<Exclude<ServerState, 'Inaccessible'>, Judged> = {
  Ready: available('There are no known problems with this server.'),
  Provisioning: {
    ...available('The server is being created and has sent no signal yet.'),
    state: 'Unknown',
    title: 'Unknown',
    reasonChronicity: 'Transient',
  },
  Updating: byCustomer('Degraded', 'Updating', 'A change of the server is under way.'),
  Restarting: byCustomer('Unavailable', 'Restarting', 'The server is restarting.'),
  Starting: byCustomer('Unavailable', 'Starting', 'The server is starting.'),
  Stopping: byCustomer('Unavailable', 'Stopping', 'The server is being stopped.'),
  Stopped: byCustomer('Unavailable', 'Stopped', 'The server was stopped.', true),
  Dropping: byCustomer('Unavailable', 'Deleting', 'The server is being deleted.'),
  Disabled: byCustomer('Unavailable', 'Disabled', 'The server is disabled.', true),
}

/**
 * A server's health as Azure Resource Health would tell it. An Inaccessible server stays Available there until its
 * first connection is refused ("Data encryption", monitoring): before that nobody has met the loss.
 */
export function judgeHealth(facts: HealthFacts): HealthView {
  const { occurredAt, ...judged } = judge(facts)
  return {
    ...judged,
    occurredAt: occurredAt.toISOString(),
    reportedAt: facts.now.toISOString(),
    recommendedActions: actions(facts),
  }
}

function judge(facts: HealthFacts): Judged & { occurredAt: Date } {
  const { state, since, firstDeniedAt } = facts
  if (state === 'Ready' && facts.standby && !facts.standby.accessible) return withoutStandby(facts.standby)
  if (state !== 'Inaccessible') return { ...BY_STATE[state], occurredAt: since }
  const broken = facts.verdict && !facts.verdict.accessible ? facts.verdict : null
  const why = broken ? CAUSES[broken.cause].title : 'The key cannot be used'
  if (!firstDeniedAt) {
    const text = `${why}. The server is Inaccessible, yet no connection has been refused so far; its health follows with the first one.`
    return { ...available(text), occurredAt: since }
  }
  const summary = `${why}. Connections are refused since ${firstDeniedAt.toISOString()}.`
  return { ...byCustomer('Unavailable', 'Inaccessible', summary, true), occurredAt: firstDeniedAt }
}

const withoutStandby = ({ cause, since }: Broken) => ({
  ...byCustomer(
    'Degraded',
    'High availability degraded',
    `${CAUSES[cause].title}: the standby cannot open the data key, and could not take over.`,
    true,
  ),
  occurredAt: new Date(since),
})

function actions({ state, verdict, standby, name }: HealthFacts): HealthView['recommendedActions'] {
  if (state === 'Stopped')
    return [{ action: 'Start the server.', actionUrl: `/servers/${name}`, actionUrlText: 'Overview' }]
  const met = state === 'Inaccessible' ? verdict : state === 'Ready' ? standby : null
  if (!met || met.accessible) return []
  return [
    {
      action: CAUSES[met.cause].wayOut,
      actionUrl: `/servers/${name}/data-encryption`,
      actionUrlText: 'Data encryption',
    },
  ]
}
