import { createHash } from 'node:crypto'
import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stableId } from '@/server/kernel/ids'
import { type Endpoint, SOCKET_NAME } from './model'

/** Where a server's files are. */
export type Home = {
  folder: string
  /** PGDATA: everything in it is sealed. */
  data: string
  counters: string
  configFile: string
  hbaFile: string
  identFile: string
  manifest: string
  /** Of the socket: short, since a socket's path has 107 bytes at most. */
  socketFolder: string
  socket: string
}

export const serversFolder = (dataDir: string): string => join(dataDir, 'servers')

export function homeOf(dataDir: string, serverId: string): Home {
  const id = stableId(serverId.toLowerCase())
  return homeAt(join(serversFolder(dataDir), id), join(socketRoot(dataDir), id.slice(0, 8)))
}

export function homeAt(folder: string, socketFolder: string): Home {
  return {
    folder,
    data: join(folder, 'data'),
    counters: join(folder, 'counters'),
    configFile: join(folder, 'server.conf'),
    hbaFile: join(folder, 'pg_hba.conf'),
    identFile: join(folder, 'pg_ident.conf'),
    manifest: join(folder, 'cluster.json'),
    socketFolder,
    socket: join(socketFolder, SOCKET_NAME),
  }
}

export const endpointAt = ({ socketFolder, socket }: Home): Endpoint => ({ folder: socketFolder, path: socket })

const socketRoot = (dataDir: string): string =>
  join(realpathSync(tmpdir()), `portcullis-${createHash('sha256').update(dataDir).digest('hex').slice(0, 10)}`)

/** Makes the folders that all servers share. Those of other users pass through them, and see nothing. */
export function makeServersFolder(dataDir: string): void {
  const folder = serversFolder(dataDir)
  mkdirSync(folder, { recursive: true })
  if (process.getuid?.() === 0) {
    chmodSync(dataDir, lstatSync(dataDir).mode | 0o011)
    chmodSync(folder, 0o711)
  }
}

/** Makes the folder of a server's socket, for its PostgreSQL alone. @throws Error when somebody else has taken the place. */
export function makeSocketFolder(home: Home, dataDir: string, owner: number | undefined): void {
  const root = socketRoot(dataDir)
  mkdirSync(root, { recursive: true, mode: 0o711 })
  const found = lstatSync(root)
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(`${root} belongs to somebody else: sockets cannot be made there.`)
  chmodSync(root, 0o711)
  mkdirSync(home.socketFolder, { recursive: true, mode: 0o700 })
  if (owner !== undefined) chownSync(home.socketFolder, owner, owner)
}
