'use client'
import { Button, Field, makeStyles, Radio, RadioGroup, Switch, tokens } from '@fluentui/react-components'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import { Countdown } from '@/components/portal/instant'
import { Essentials } from '@/components/ui/essentials'
import { Loaded } from '@/components/ui/loaded'
import { Pane } from '@/components/ui/pane'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useAction } from '@/components/ui/use-action'
import { changeSettings } from '@/server/actions/settings'
import type { TenantSettings } from '@/server/identity/contract'
import type { SettingsPage } from '@/server/queries/settings'
import { CheckFleetButton } from './check-fleet'

const settingsQuery = queryOptions({
  queryKey: ['clock', 'settings'],
  queryFn: ({ signal }) => getJson<SettingsPage>('settings', signal),
})

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL },
})

/** When the fleet's keys are checked, and how soon a change is noticed. */
export function KeyChecksPane({ open, onClose }: { open: boolean; onClose: () => void }) {
  const styles = useStyles()
  const query = useQuery({ ...settingsQuery, enabled: open })
  return (
    <Pane open={open} onClose={onClose} title="Key checks" footer={<Button onClick={onClose}>Close</Button>}>
      <Loaded query={query} label="the settings">
        {(page) => (
          <div className={styles.root}>
            <Essentials
              items={[
                { label: 'Every server is checked', value: `at least every ${page.periodMinutes} minutes` },
                {
                  label: 'Next check',
                  value: page.nextCheckAt ? <Countdown to={page.nextCheckAt} /> : 'No server yet',
                },
              ]}
            />
            <div>
              <CheckFleetButton appearance="primary" />
            </div>
            <Settings page={page} />
          </div>
        )}
      </Loaded>
    </Pane>
  )
}

const PROPAGATION: [seconds: number, label: string][] = [
  [0, 'At once'],
  [600, 'After ten minutes, as Azure may take'],
]

function Settings({ page: { settings, mayChange } }: { page: SettingsPage }) {
  const { run, busy } = useAction(changeSettings, {
    progress: 'Changing the settings',
    success: 'The settings are changed',
    failure: 'The settings could not be changed',
    invalidate: [settingsQuery.queryKey],
  })
  const change = (patch: Partial<TenantSettings>) => void run(patch)
  const disabled = busy || !mayChange.allowed
  const hint = mayChange.allowed ? undefined : mayChange.reason
  return (
    <>
      <Field label="A change of keys, roles or networks is noticed" hint={hint}>
        <RadioGroup
          value={settings.keyChangeDetection}
          disabled={disabled}
          onChange={(_, { value }) => change({ keyChangeDetection: value as TenantSettings['keyChangeDetection'] })}
        >
          <Radio value="azure" label="With the next check, as in Azure: within 60 minutes" />
          <Radio value="immediate" label="At once" />
        </RadioGroup>
      </Field>
      <Field label="A role that was given or taken has its effect">
        <RadioGroup
          value={String(settings.rolePropagationSeconds)}
          disabled={disabled}
          onChange={(_, { value }) => change({ rolePropagationSeconds: Number(value) })}
        >
          {PROPAGATION.map(([seconds, label]) => (
            <Radio key={seconds} value={String(seconds)} label={label} />
          ))}
        </RadioGroup>
      </Field>
      <Switch
        label="Vaults refuse people’s requests beyond the published limits (429)"
        checked={settings.throttling}
        disabled={disabled}
        onChange={(_, { checked }) => change({ throttling: checked })}
      />
      <SimulatedNote>Azure offers none of these choices, and no button that checks at once.</SimulatedNote>
    </>
  )
}
