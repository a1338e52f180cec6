import 'server-only'
import { readFile } from 'node:fs/promises'
import { consoleInput } from '@/server/dataplane/contract'
import { runStatements } from '@/server/dataplane/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { readConnection } from './servers'

/**
 * Runs what was written in the console, by the gateway and with the login and password that were sent. Seeing the
 * server is all that the portal asks for: the database decides what the login may.
 * @throws AppError `BadParameter`, `ResourceNotFound`, `AuthorizationFailed`, `DataPlaneUnavailable`.
 */
export async function runConsole(ctx: Ctx, name: string, input: unknown, signal: AbortSignal) {
  const parsed = consoleInput.safeParse(input)
  if (!parsed.success)
    throw new AppError('BadParameter', { publicMessage: parsed.error.issues[0]?.message ?? 'The input is not valid.' })
  const { host, hostAddress, port, caFile, installation } = await readConnection(ctx, name)
  if (port === null || !installation.available)
    throw new AppError('DataPlaneUnavailable', { publicMessage: installation.reason ?? 'No gateway is up.' })
  const ca = await readFile(caFile, 'utf8')
  return runStatements({ host, address: hostAddress, port, ca }, parsed.data, signal)
}
