import { startEngine } from '@/server/engine'
import { readConfig } from '@/server/kernel/config'
import { log } from '@/server/kernel/log'

const config = readConfig()
const engine = await startEngine(config)
console.log(`${config.engineId} is up; HTTPS on port ${engine.httpsPort}`)

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, async () => {
    if (stopping) return
    stopping = true
    try {
      await engine.stop()
      process.exit(0)
    } catch (error) {
      log.error('the engine did not stop cleanly', error)
      process.exit(1)
    }
  })
}
