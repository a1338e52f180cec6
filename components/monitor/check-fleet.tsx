'use client'
import { StethoscopeRegular } from '@fluentui/react-icons/svg/stethoscope'
import { Command } from '@/components/ui/command-bar'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { checkFleetKeyAccess } from '@/server/actions/servers'

/** Servers on one key, on one store, or all of them. */
export type CheckWhat = { storeName?: string; keyName?: string }

function useFleetCheck(on: CheckWhat) {
  const { run, busy } = useAction(checkFleetKeyAccess, {
    progress: on.keyName ? `Checking the servers on ${on.keyName}` : 'Checking the keys of all servers',
    success: ({ servers, probes }) =>
      `${servers === 1 ? '1 key use was' : `${servers} key uses were`} checked by ${probes === 1 ? '1 probe' : `${probes} probes`}`,
    failure: 'The check was not finished',
    invalidate: [['fleet'], ['servers'], ['keys']],
  })
  return { check: () => void run(on), disabledReason: busy ? 'The check is running.' : null }
}

export function CheckFleetButton({ appearance }: { appearance?: 'primary' }) {
  const { check, disabledReason } = useFleetCheck({})
  return (
    <PermissionButton
      appearance={appearance}
      icon={<StethoscopeRegular />}
      disabledReason={disabledReason}
      onClick={check}
    >
      Check all now
    </PermissionButton>
  )
}

/** The same in a bar of commands. */
export function CheckCommand({ on, label }: { on: CheckWhat; label: string }) {
  const { check, disabledReason } = useFleetCheck(on)
  return (
    <Command icon={<StethoscopeRegular />} disabledReason={disabledReason} onClick={check}>
      {label}
    </Command>
  )
}
