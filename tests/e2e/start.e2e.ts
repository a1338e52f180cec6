import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort, isPortFree } from '../../server/cli/ports'
import { commandLine } from '../../server/kernel/processes'

/** A start of the product by its command, on a data folder of its own; the portal is built already. */
class Start {
  output = ''
  readonly child: ChildProcess
  readonly exitCode: Promise<number | null>

  constructor(env: Record<string, string>) {
    this.child = spawn(process.execPath, ['server/cli/start.mjs'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => (this.output += chunk))
    this.exitCode = new Promise((resolve) => this.child.once('close', resolve))
  }

  async ready(): Promise<string> {
    await expect.poll(() => this.output, { timeout: 180_000 }).toContain('Portcullis is ready')
    return this.output
  }
}

/** Everything that runs on the data folder, by its command line. Linux alone has a list of processes to read. */
const runningOn = (folder: string): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => commandLine(Number(pid)))
    .filter((line) => line.includes(folder))

const password = (folder: string) => readFileSync(join(folder, 'database.url'), 'utf8')

test('start: a taken port is named, a killed start is taken over in seconds, and Ctrl-C leaves nothing running', async () => {
  test.skip(process.platform !== 'linux', 'looks into /proc')
  test.setTimeout(300_000)
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-start-'))
  const ports = [await freePort(), await freePort(), await freePort()]
  const [portal, https, postgres] = ports.map(String)
  const env = {
    PORTCULLIS_DATA_DIR: folder,
    PORTCULLIS_PORTAL_PORT: portal!,
    PORTCULLIS_HTTPS_PORT: https!,
    PORTCULLIS_POSTGRES_PORT: postgres!,
  }
  const allFree = async () => (await Promise.all(ports.map(isPortFree))).every(Boolean)
  try {
    const first = new Start(env)
    expect(await first.ready()).toContain(`http://localhost:${portal}`)
    const url = password(folder)

    const twin = new Start(env)
    expect(await twin.exitCode).toBe(1)
    expect(twin.output).toContain(`Portcullis already runs on ${folder}`)
    const intruder = new Start({ ...env, PORTCULLIS_DATA_DIR: `${folder}-other` })
    expect(await intruder.exitCode).toBe(1)
    expect(intruder.output).toContain(`Port ${portal} for the portal is taken`)

    first.child.kill('SIGKILL')
    // Portal, engine and the servers' databases go with it; its own database waits for the next start.
    await expect.poll(allFree, { timeout: 30_000 }).toBe(true)

    const second = new Start(env)
    const said = await second.ready()
    expect(said).toContain('The portal is built already.')
    expect(said).not.toContain('Made and started the database')
    expect(password(folder)).toBe(url)
    const answer = await fetch(`http://localhost:${portal}/api/portal/servers`)
    expect(JSON.stringify(await answer.json())).toContain('contoso-orders')

    second.child.kill('SIGINT')
    expect(await second.exitCode).toBe(0)
    expect(second.output).toContain('Stopped.')
    expect(await allFree()).toBe(true)
    expect(runningOn(folder)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
