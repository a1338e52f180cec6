import { startEngine } from '@/server/engine'
import type { Config } from '@/server/kernel/config'
import { ensureSealLibrary } from '@/server/storage/service'

/** An engine with databases in a process of its own, which says when its gateway listens. Argument: configuration as JSON. */
await startEngine({ config: JSON.parse(process.argv[2]!) as Config, library: await ensureSealLibrary() })
process.stdout.write('listening\n')
