import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { PASSWORD, type World } from './world'

/** Clients of a world's gateway, as an application has them: TLS with the local authority, the server by its name. */
export function gatewayClients({ engine, config }: World) {
  const open: pg.Client[] = []

  async function connect(name: string, port = engine.postgresPort!): Promise<pg.Client> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'testadmin',
      password: PASSWORD,
      database: 'postgres',
      ssl: { ca: readFileSync(join(config.dataDir, 'ca.pem'), 'utf8'), servername: `${name}.postgres.localhost` },
    })
    client.on('error', () => undefined)
    await client.connect()
    open.push(client)
    return client
  }

  return {
    connect,
    async ask(name: string, sql: string): Promise<Record<string, unknown>[]> {
      const client = await connect(name)
      try {
        return (await client.query(sql)).rows
      } finally {
        await client.end()
      }
    },
    /** What a refused connection says. */
    refused: (name: string): Promise<{ code: string; message: string }> =>
      connect(name).then(
        () => ({ code: 'connected', message: '' }),
        (error: { code: string; message: string }) => error,
      ),
    endAll: () => Promise.all(open.map((client) => client.end().catch(() => undefined))),
  }
}
