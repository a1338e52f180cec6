import type { Ctx } from '@/server/kernel/context'
import type { SurfaceEnv } from '../env'
import { type Params, type Pattern, parsePattern } from './request'

export type ArmCall = {
  ctx: Ctx
  env: SurfaceEnv
  request: Request
  params: Params
  /** By lower-case name. */
  query: Map<string, string>
  apiVersion: string
  /** Scheme, host and port by which the client came. */
  base: string
}

export type ArmReply = { status?: number; body?: unknown; headers?: Record<string, string> }
export type ArmHandler = (call: ArmCall) => Promise<ArmReply>
export type Method = 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'
export type ArmRoute = { method: Method; pattern: Pattern; handle: ArmHandler }

export const route = (method: Method, path: string, handle: ArmHandler): ArmRoute => ({
  method,
  pattern: parsePattern(path),
  handle,
})

export const list = (value: unknown[]): ArmReply => ({ body: { value } })
