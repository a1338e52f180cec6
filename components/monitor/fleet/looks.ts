import type { ServerState } from '@/server/postgres/model'

/** How a server is drawn: its state, or that it works on a key whose end is near. Most urgent first. */
export const LOOKS = ['fallen', 'danger', 'leaving', 'moving', 'idle', 'ready'] as const
export type Look = (typeof LOOKS)[number]

export const LOOK_WORDS: Record<Look, string> = {
  fallen: 'Inaccessible',
  danger: 'Key ends within 30 days',
  leaving: 'Dropping',
  moving: 'Changing',
  idle: 'Stopped or disabled',
  ready: 'Ready',
}

/** @param endangered whether the key version that opens the server's data key ends soon. */
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
