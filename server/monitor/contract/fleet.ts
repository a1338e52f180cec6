import type { ServerState } from '@/server/postgres/model'

/**
 * The fleet as columns: the i-th entry of each array is the i-th server. Texts that repeat are named once, and pointed
 * to by index (-1: none). Made for 10,000 tiles and more. Instants are milliseconds since the epoch, virtual.
 */
export type FleetTilesView = {
  /** The instant that is shown. */
  atMs: number
  /** True when it is not the present. */
  past: boolean
  names: string[]
  states: ServerState[]
  state: number[]
  sinceMs: number[]
  subscriptions: { id: string; name: string }[]
  subscription: number[]
  regions: string[]
  region: number[]
  /** Vaults and HSMs by name. */
  stores: string[]
  store: number[]
  /** `store/key`. */
  keys: string[]
  key: number[]
  /** Titles of what broke the chain. */
  causes: string[]
  cause: number[]
}

export type LaneSegment = { fromMs: number; toMs: number; state: ServerState; title: string }
export type Lane = { server: string; segments: LaneSegment[] }
export type LaneMarker = {
  atMs: number
  /** Decides shape and colour. */
  kind: 'key' | 'role' | 'vault' | 'identity' | 'network' | 'health'
  title: string
  resourceId: string
}
export type SwimlanesView = { fromMs: number; toMs: number; lanes: Lane[]; markers: LaneMarker[]; truncated: boolean }

export type HorizonKey = {
  storeType: 'vault' | 'managedhsm'
  store: string
  key: string
  version: string
  current: boolean
  enabled: boolean
  expires: string | null
  nextRotation: string | null
  /** What was deleted, while it can be recovered. */
  gone: 'key' | 'store' | null
  /** Servers whose data key this very version wraps. */
  servers: string[]
}
export type HorizonView = {
  now: string
  keys: HorizonKey[]
  /** Servers whose identity was deleted, whether a check has found out or not. */
  withoutIdentity: string[]
}
