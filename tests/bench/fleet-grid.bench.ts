import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from '@playwright/test'
import { afterAll, beforeAll, test } from 'vitest'
import { findSystemChromium } from '@/server/cli/browser'
import { freePort } from '@/server/cli/ports'
import { createDb } from '@/server/kernel/db'
import { realSleep } from '@/server/kernel/time'
import { testDatabase } from '../support/postgres'

/**
 * The fleet grid in a real browser over the whole product: how long until the first tile is painted, and how even the
 * frames are while one scrolls and points, with few servers and with 10,000. The servers are rows and nothing else.
 */
const SERVERS = Number(process.env.PORTCULLIS_BENCH_TILES ?? 10_000)
const databaseUrl = await testDatabase()
const db = createDb(databaseUrl, 2)
let origin = ''

beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-grid-'))
  const [portal, https, postgres] = [await freePort(), await freePort(), await freePort()]
  origin = `http://localhost:${portal}`
  const product = spawn(process.execPath, ['server/cli/start.mjs'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      ...{ DATABASE_URL: databaseUrl, PORTCULLIS_DATA_DIR: dataDir, PORTCULLIS_PORTAL_PORT: String(portal) },
      ...{ PORTCULLIS_HTTPS_PORT: String(https), PORTCULLIS_POSTGRES_PORT: String(postgres), NODE_ENV: 'production' },
    },
  })
  afterAll(async () => {
    const gone = new Promise((resolve) => product.once('exit', resolve))
    product.kill('SIGTERM')
    await gone
    await db.$disconnect()
    rmSync(dataDir, { recursive: true, force: true })
  })
  while (
    !(await fetch(`${origin}/api/ready`).then(
      (r) => r.ok,
      () => false,
    ))
  )
    await realSleep(500)
}, 900_000)

/** One server in twenty has fallen, one in twenty is stopped; all are copies of one of the seed's. */
const addServers = (count: number) => db.$executeRaw`
  INSERT INTO "Server" SELECT (jsonb_populate_record(null::"Server", to_jsonb(s) || jsonb_build_object(
    'id', replace(s."id", 'contoso-web', 'tile-' || i), 'name', 'tile-' || i, 'sealedVerifier', null, 'keyAccess', null,
    'state', CASE i % 20 WHEN 0 THEN 'Inaccessible' WHEN 1 THEN 'Stopped' ELSE 'Ready' END))).*
  FROM "Server" s, generate_series(1, ${count}::int) i WHERE s."name" = 'contoso-web'`

/** Whoever the page comes up as, the instructor sees all. */
async function becomeInstructor(page: Page): Promise<void> {
  await page.goto(origin)
  await page.getByRole('button', { name: /Switch person/ }).click()
  await page.getByRole('menuitemradio', { name: /Aino Novak/ }).click()
  await page.getByRole('button', { name: /Acting as Aino Novak/ }).waitFor()
}

/** Notes, from inside the page, when the first tile has its colour, and later the length of each frame. */
const watchTiles = () => {
  const painted = () => {
    const canvas = document.querySelector('canvas')
    if (canvas && canvas.width > 0) {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, Math.min(canvas.height, 200))
      if (data.some((value) => value !== 0)) {
        Object.assign(window, { firstTileMs: performance.now() })
        return
      }
    }
    requestAnimationFrame(painted)
  }
  requestAnimationFrame(painted)
}

const recordFrames = () => {
  const frames: number[] = []
  let last = performance.now()
  const frame = (now: number) => {
    frames.push(now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  Object.assign(window, { frames })
}

const quantile = (values: number[], q: number) => [...values].sort((a, b) => a - b)[Math.floor(values.length * q)] ?? 0

async function look(page: Page): Promise<{ firstTile: number; frames: number[] }> {
  await page.goto(`${origin}/fleet?view=grid&group=none`, { waitUntil: 'commit' })
  await page.waitForFunction(() => 'firstTileMs' in window, undefined, { timeout: 60_000 })
  const firstTile = await page.evaluate(() => (window as unknown as { firstTileMs: number }).firstTileMs)
  // The page listens for changes for as long as it is open: it is at rest when its first queries are answered.
  await page.getByText(/of \d+ servers/).waitFor()
  await page.evaluate(recordFrames)
  await page.mouse.move(700, 500)
  for (let i = 0; i < 60; i++) {
    await page.mouse.wheel(0, i < 40 ? 300 : -600)
    await page.mouse.move(500 + ((i * 37) % 400), 400 + ((i * 53) % 300))
  }
  const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames)
  return { firstTile, frames: frames.slice(1) }
}

test(`the grid shows ${SERVERS} tiles soon, and stays smooth under the wheel and the pointer`, async () => {
  const browser = await chromium.launch({ executablePath: findSystemChromium(), args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await becomeInstructor(page)
    await page.addInitScript(watchTiles)
    await look(page)
    for (const servers of [0, SERVERS]) {
      if (servers) await addServers(servers)
      const runs = []
      for (let i = 0; i < 3; i++) runs.push(await look(page))
      const first = runs.map((r) => r.firstTile)
      const frames = runs.flatMap((r) => r.frames)
      console.log(
        `${servers || 'few'} tiles (${cpus().length} x ${cpus()[0]?.model}): first tile after ${quantile(first, 0.5).toFixed(0)} ms;`,
        `${frames.length} frames, p50 ${quantile(frames, 0.5).toFixed(1)} ms, p95 ${quantile(frames, 0.95).toFixed(1)} ms, longest ${Math.max(...frames).toFixed(0)} ms`,
      )
    }
    await page.getByText(`${SERVERS + 5} of ${SERVERS + 5} servers`).waitFor()
    await page.screenshot({ path: 'test-results/pages/fleet-grid-10000.png' })
  } finally {
    await browser.close()
  }
}, 600_000)
