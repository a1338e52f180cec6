import { spawnNode } from '@/server/cli/processes'

/** Starts a child that runs for ever, and runs for ever itself: `tsx supervisor-process.ts`. Prints the child's pid. */
const child = spawnNode(['-e', 'setInterval(() => undefined, 1000)'], {}, () => undefined, 1000)
console.log(child.pid)
setInterval(() => undefined, 1000)
