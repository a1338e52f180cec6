import { recordActivity } from '@/server/activity/service'
import { transact } from '@/server/kernel/db'
import { invariant } from '@/server/kernel/errors'
import type { Program, Step, StepContext } from '@/server/workflow/model'
import { type ServerDeps, wakeServer } from './data-plane'
import { checkServerNow } from './key-access.sweep'
import type { ServerProperties, ServerRecord, ServerState } from './model'
import * as store from './store'
import { moveServer } from './transitions'

const SERVERS = 'Microsoft.DBforPostgreSQL/flexibleServers'

/** Azure's commands on a server's life, and the states on their way. Another compute size comes with a restart. */
export const LIFECYCLE = {
  stop: { kind: 'stopServer', during: 'Stopping', after: 'Stopped', title: 'Stop', done: 'was stopped' },
  start: { kind: 'startServer', during: 'Starting', after: 'Ready', title: 'Start', done: 'was started' },
  restart: { kind: 'restartServer', during: 'Restarting', after: 'Ready', title: 'Restart', done: 'was restarted' },
  scale: { kind: 'scaleServer', during: 'Updating', after: 'Ready', title: 'Scale', done: 'was scaled' },
} as const satisfies Record<
  string,
  { kind: string; during: ServerState; after: ServerState; title: string; done: string }
>
export type LifecycleCommand = keyof typeof LIFECYCLE
type Compute = ServerProperties['compute']
export type LifecycleInput = { serverName: string; compute?: { from: Compute; to: Compute } }

/** What a person must be allowed to do, which is also the name in the activity log. */
export const lifecycleAction = (command: LifecycleCommand): string =>
  command === 'scale' ? `${SERVERS}/write` : `${SERVERS}/${command}/action`

type StepCtx = StepContext<LifecycleInput>

const load = async (ctx: StepCtx): Promise<ServerRecord> => {
  const server = await store.findServer(ctx.db, { id: ctx.resourceId })
  invariant(server, `server ${ctx.resourceId} is gone`)
  return server
}

const closeDatabase = ({ dataPlane }: ServerDeps): Step<LifecycleInput> => ({
  name: 'closeDatabase',
  title: 'End the sessions, write a checkpoint and stop PostgreSQL',
  async run(ctx) {
    await dataPlane?.stop(ctx.resourceId)
    return {}
  },
})

async function setCompute(ctx: StepCtx, compute: Compute): Promise<void> {
  const { id, properties } = await load(ctx)
  await store.updateServer(ctx.db, id, { properties: { ...properties, compute } })
}

const resize: Step<LifecycleInput> = {
  name: 'resize',
  title: 'Give it the compute size that was asked for',
  async run(ctx) {
    invariant(ctx.input.compute, 'scaling has a size')
    const { from, to } = ctx.input.compute
    await setCompute(ctx, to)
    return { detail: `${from.sku} became ${to.sku}.` }
  },
  undo: (ctx) => setCompute(ctx, ctx.input.compute!.from),
}

const openDatabase = (deps: ServerDeps): Step<LifecycleInput> => ({
  name: 'openDatabase',
  title: 'Unwrap the data encryption key and start PostgreSQL',
  async run(ctx) {
    const server = await load(ctx)
    if (deps.dataPlane?.has(server.id)) await wakeServer(ctx, deps, server)
    return {}
  },
})

/** Stops, starts, restarts or scales a server. A start whose key is lost ends Stopped, with the key store’s reason. */
export const lifecycleProgram = (deps: ServerDeps, command: LifecycleCommand): Program<LifecycleInput> => {
  const { kind, during, after, done } = LIFECYCLE[command]
  return {
    kind,
    steps: () => [
      ...(command === 'start' ? [] : [closeDatabase(deps)]),
      ...(command === 'scale' ? [resize] : []),
      ...(command === 'stop' ? [] : [openDatabase(deps)]),
    ],
    async finished(ctx, result) {
      const failed = result.status !== 'Succeeded'
      await transact(ctx, async (tx) => {
        const server = await store.lockServer(tx.db, ctx.resourceId)
        invariant(server, `server ${ctx.resourceId} is gone`)
        const to = failed ? (command === 'start' ? 'Stopped' : 'Ready') : after
        if (server.state === during)
          await moveServer(tx, server, to, { title: failed ? `${LIFECYCLE[command].title} failed` : `It ${done}` })
        await store.updateServer(tx.db, server.id, { busyOperationId: null })
        await recordActivity(tx, {
          operationName: lifecycleAction(command),
          resourceId: server.id,
          operationId: ctx.operationId,
          status: failed ? 'Failed' : 'Succeeded',
          description: failed
            ? `${LIFECYCLE[command].title} of ${server.name} failed: ${result.error.message}`
            : `${server.name} ${done}.`,
          ...(failed ? { subStatus: result.error.code, properties: { error: result.error } } : {}),
        })
      })
      if (failed && (command === 'restart' || command === 'scale'))
        await checkServerNow(ctx, deps.keyAccess, await load(ctx))
    },
  }
}
