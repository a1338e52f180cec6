'use client'
import { ArrowRepeatAllRegular } from '@fluentui/react-icons/svg/arrow-repeat-all'
import { PlayRegular } from '@fluentui/react-icons/svg/play'
import { StopRegular } from '@fluentui/react-icons/svg/stop'
import { type ReactElement, useState } from 'react'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Command } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { changeServerLife } from '@/server/actions/servers'
import type { ServerView } from '@/server/postgres/contract'

type Kind = 'stop' | 'start' | 'restart'

const COMMANDS: Record<Kind, { label: string; icon: ReactElement; says: string }> = {
  start: {
    label: 'Start',
    icon: <PlayRegular />,
    says: 'Its data key is unwrapped and its database opens. Clients can connect again.',
  },
  stop: {
    label: 'Stop',
    icon: <StopRegular />,
    says: 'Open sessions end, and what they have not committed is undone. Nobody can connect until it is started again. Its data stays, sealed.',
  },
  restart: {
    label: 'Restart',
    icon: <ArrowRepeatAllRegular />,
    says: 'Open sessions end, and what they have not committed is undone. Clients can connect again within seconds.',
  },
}

const ALL = Object.keys(COMMANDS) as Kind[]

/** Start, stop and restart, or some of them, each asked for once more with what it does to clients. */
export function LifecycleCommands({ server, kinds = ALL }: { server: ServerView; kinds?: Kind[] }) {
  const [asking, setAsking] = useState<Kind | null>(null)
  const chosen = COMMANDS[asking ?? 'start']
  const { run, busy } = useAction(changeServerLife, {
    progress: `${chosen.label} of ${server.name} is asked for`,
    success: `${chosen.label} of ${server.name} has begun`,
    failure: `${chosen.label} of ${server.name} was refused`,
    invalidate: [['servers'], ['resources'], ['fleet']],
    successLink: ({ operationId }) => <AppLink href={paths.deployment(operationId)}>Follow it</AppLink>,
  })
  return (
    <>
      {kinds.map((kind) => (
        <Command
          key={kind}
          icon={COMMANDS[kind].icon}
          permission={server.permissions[kind]}
          onClick={() => setAsking(kind)}
        >
          {COMMANDS[kind].label}
        </Command>
      ))}
      <ConfirmDialog
        open={asking !== null}
        onClose={() => setAsking(null)}
        title={`${chosen.label} ${server.name}?`}
        confirmLabel={chosen.label}
        busy={busy}
        onConfirm={async () => {
          if (asking) await run({ serverId: server.id, command: asking })
          setAsking(null)
        }}
      >
        <span>{chosen.says}</span>
      </ConfirmDialog>
    </>
  )
}
