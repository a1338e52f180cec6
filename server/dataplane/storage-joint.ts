import type { ChildProcess, StdioOptions } from 'node:child_process'

/** What sealed storage gives the data plane, once its library is built; nothing is ever run without it. */
export type SealedStorage = {
  available: true
  library: string
  spawnSealed(init: {
    library: string
    bin: string
    args: string[]
    dek: Buffer
    dataDir: string
    countersPath: string
    env: NodeJS.ProcessEnv
    uid?: number
    gid?: number
    stdio: StdioOptions
  }): ChildProcess
  sealTree(init: { from: string; to: string; dek: Buffer }): Promise<void>
  checkFormat(dataDir: string): Promise<void> | void
}
