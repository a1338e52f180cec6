// Loaded before the code of every child of a start, by `node --import`: no child outlives its supervisor.
import { isMainThread } from 'node:worker_threads'

const GRACE_MS = 10_000

// Their own children load this too, and have channels that are not ours.
const isOurs = process.env.PORTCULLIS_SUPERVISOR === String(process.ppid)

if (isOurs && isMainThread && process.channel) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref()
  })
  process.channel.unref()
  // The supervisor's end of these pipes goes with it, and a line that nobody reads must not break the way out.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
