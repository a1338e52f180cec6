// Loaded before the code of every child of a start, by `node --import`: no child outlives its supervisor.

const GRACE_MS = 10_000

// The child's own children load this too: they have other channels, and other parents.
const isOurs = process.env.PORTCULLIS_SUPERVISED === 'yes'
delete process.env.PORTCULLIS_SUPERVISED

if (isOurs) {
  // The supervisor's end of these pipes goes with it, and a line that nobody reads must not break the way out.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  if (!process.connected) process.exit(1)
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref()
  })
  process.channel.unref()
}
