import { AUTOMATION_APP_ID, CONTOSO, keptInAutomationEnv, seed, writeAutomationEnv } from '@/prisma/seed'
import { startEngine } from '@/server/engine'
import { findTenant, resetClientSecret } from '@/server/identity/service'
import { readConfig } from '@/server/kernel/config'
import { log } from '@/server/kernel/log'
import { AGENDA_TITLES } from '@/server/monitor/model'
import { ensureSealLibrary } from '@/server/storage/service'
import { identityHeader } from '@/server/surfaces/entra/imds'
import { startSurfaces } from '@/server/surfaces/host'

const config = readConfig()
const engine = await startEngine({ config, library: await ensureSealLibrary() })
const surfaces = await startSurfaces({
  env: engine.wiring.surfaceEnv,
  port: config.httpsPort,
  bindAddress: config.bindAddress,
  dataDir: config.dataDir,
  agendaTitles: AGENDA_TITLES,
})
const tenant = await findTenant(engine.db, CONTOSO)
if (!tenant?.seeded) await seed(engine, config, (line) => console.log(line))
writeAutomationEnv(config, {
  secret: await automationSecret(),
  identityHeader: identityHeader(engine.wiring.surfaceEnv),
  postgresPort: engine.postgresPort ?? config.postgresPort,
})
engine.goLive()
console.log(`${config.engineId} is up; HTTPS on port ${surfaces.port}, PostgreSQL on port ${engine.postgresPort}`)

/** The secret in the file is good as long as the file is: only its hash is kept elsewhere. */
async function automationSecret(): Promise<string> {
  const kept = keptInAutomationEnv(config.dataDir, 'AZURE_CLIENT_SECRET')
  return kept ?? resetClientSecret(await engine.serviceContext(CONTOSO), AUTOMATION_APP_ID)
}

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, async () => {
    if (stopping) return
    stopping = true
    try {
      await surfaces.close()
      await engine.stop()
      process.exit(0)
    } catch (error) {
      log.error('the engine did not stop cleanly', error)
      process.exit(1)
    }
  })
}
