import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { choosePort, freePort, isPortFree } from '@/server/cli/ports'

const wish = { variable: 'SOME_PORT', what: 'the portal', usual: 3000 }

function choose(env: Record<string, string>, taken: number[]) {
  const said: string[] = []
  const port = choosePort(
    wish,
    env,
    (text) => said.push(text),
    async (p) => !taken.includes(p),
  )
  return { port, said }
}

describe('choosing a port', () => {
  it('takes the usual one in silence', async () => {
    const { port, said } = choose({}, [])
    expect(await port).toBe(3000)
    expect(said).toEqual([])
  })

  it('moves on to the next free one, and says so', async () => {
    const { port, said } = choose({}, [3000, 3001])
    expect(await port).toBe(3002)
    expect(said).toEqual(['Port 3000 is taken: the portal uses 3002.'])
  })

  it('keeps to what the environment sets', async () => {
    expect(await choose({ SOME_PORT: '4000' }, [3000]).port).toBe(4000)
  })

  it('does not move away from what the environment sets', async () => {
    await expect(choose({ SOME_PORT: '4000' }, [4000]).port).rejects.toThrow(/4000.*SOME_PORT/)
  })

  it('takes any port where the environment sets 0', async () => {
    expect(await choose({ SOME_PORT: '0' }, [3000]).port).toBeGreaterThan(1023)
  })
})

describe('a port', () => {
  it.each(['127.0.0.1', undefined])('on which something listens at %s is not free', async (host) => {
    const port = await freePort()
    expect(await isPortFree(port)).toBe(true)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen({ port, host }, resolve))
    expect(await isPortFree(port)).toBe(false)
    await new Promise((resolve) => server.close(resolve))
  })
})
