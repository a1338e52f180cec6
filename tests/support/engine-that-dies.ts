import { startEngine } from '@/server/engine'
import type { Config } from '@/server/kernel/config'

/**
 * An engine in a process of its own that kills itself, without any clean-up, when a step is reached for the first time.
 * Arguments: configuration as JSON, step name, phase.
 */
const [config, step, phase] = process.argv.slice(2)
await startEngine({
  config: JSON.parse(config!) as Config,
  onStep(event) {
    if (event.step === step && event.phase === phase) process.kill(process.pid, 'SIGKILL')
  },
})
