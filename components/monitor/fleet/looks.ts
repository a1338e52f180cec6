import type { ServerState } from '@/server/postgres/model'

/** How a server is drawn: its state, or that it works on a key whose end is near or has come unnoticed. Most urgent first. */
export const LOOKS = ['fallen', 'danger', 'leaving', 'moving', 'idle', 'ready'] as const
export type Look = (typeof LOOKS)[number]

export const LOOK_WORDS: Record<Look, string> = {
  fallen: 'Inaccessible',
  danger: 'In danger',
  leaving: 'Dropping',
  moving: 'Changing',
  idle: 'Stopped or disabled',
  ready: 'Ready',
}

/** @param endangered whether the way to its data key ends soon, or is cut already. */
export function lookOf(state: ServerState, endangered: boolean): Look {
  switch (state) {
    case 'Inaccessible':
      return 'fallen'
    case 'Dropping':
      return 'leaving'
    case 'Stopped':
    case 'Disabled':
      return 'idle'
    case 'Ready':
      return endangered ? 'danger' : 'ready'
    default:
      return 'moving'
  }
}
