'use client'
import { Button, Input, MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { type FormEvent, useState } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { saveServerFirewall } from '@/server/actions/servers'
import { firewallRule, type ServerView, type UpdateFirewallInput } from '@/server/postgres/contract'
import { ServerFrame } from '../server/server-frame'

type Rule = UpdateFirewallInput['rules'][number]

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, maxWidth: '860px' },
  rule: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  input: { flexGrow: 1, minWidth: '160px' },
  tools: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  fault: { color: tokens.colorStatusDangerForeground1, width: '100%' },
})

const FIELDS = [
  ['name', 'Rule name'],
  ['startIp', 'Start IP address'],
  ['endIp', 'End IP address'],
] as const
const THIS_MACHINE: Rule = { name: 'this-machine', startIp: '127.0.0.1', endIp: '127.0.0.1' }

/** From where clients may come. */
export function NetworkingPage({ name }: { name: string }) {
  return (
    <ServerFrame name={name}>
      {({ server }) => <Rules key={JSON.stringify(server.firewallRules)} server={server} />}
    </ServerFrame>
  )
}

function faultOf(rule: Rule): string | null {
  const parsed = firewallRule.safeParse(rule)
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? null)
}

function Rules({ server }: { server: ServerView }) {
  const styles = useStyles()
  const [rules, setRules] = useState<Rule[]>(server.firewallRules)
  const [fault, setFault] = useState<string | null>(null)
  const { run, busy } = useAction(saveServerFirewall, {
    progress: `Saving the firewall rules of ${server.name}`,
    success: `The firewall rules of ${server.name} were saved`,
    failure: `The firewall rules of ${server.name} were not saved`,
    invalidate: [['servers']],
  })
  const changed = JSON.stringify(rules) !== JSON.stringify(server.firewallRules)
  const faulty = rules.some((rule) => faultOf(rule) !== null)
  const reason = busy
    ? 'The rules are being saved.'
    : !changed
      ? 'Nothing was changed.'
      : faulty
        ? 'A rule has a fault: see below it.'
        : null
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (reason) return
    const result = await run({ serverId: server.id, rules })
    setFault(result.ok ? null : result.message)
  }
  return (
    <Section title="Firewall rules">
      {!server.publicAccess && (
        <MessageBar intent="warning">
          <MessageBarBody>Public access is off: no rule lets anybody in.</MessageBarBody>
        </MessageBar>
      )}
      <form className={styles.form} onSubmit={submit}>
        {rules.length === 0 && <EmptyState title="No rule" text="Nobody gets in, not even from this machine." />}
        {rules.map((rule, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule being typed must keep its boxes.
          <div key={i} className={styles.rule}>
            {FIELDS.map(([field, label]) => (
              <Input
                key={field}
                className={styles.input}
                aria-label={`${label} ${i + 1}`}
                placeholder={label}
                value={rule[field]}
                onChange={(_, data) => setRules(rules.with(i, { ...rule, [field]: data.value }))}
                autoComplete="off"
              />
            ))}
            <Button
              appearance="subtle"
              icon={<DeleteRegular />}
              aria-label={`Remove rule ${i + 1}`}
              onClick={() => setRules(rules.toSpliced(i, 1))}
            />
            {faultOf(rule) && <span className={styles.fault}>{faultOf(rule)}</span>}
          </div>
        ))}
        <div className={styles.tools}>
          <Button
            appearance="subtle"
            icon={<AddRegular />}
            onClick={() => setRules([...rules, { name: '', startIp: '', endIp: '' }])}
          >
            Add a rule
          </Button>
          <Button appearance="subtle" icon={<AddRegular />} onClick={() => setRules([...rules, THIS_MACHINE])}>
            Add this machine ({THIS_MACHINE.startIp})
          </Button>
        </div>
        {fault && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{fault}</MessageBarBody>
          </MessageBar>
        )}
        <div className={styles.tools}>
          <PermissionButton
            type="submit"
            appearance="primary"
            permission={server.permissions.updateNetworking}
            disabledReason={reason}
          >
            Save
          </PermissionButton>
          <Button onClick={() => setRules(server.firewallRules)}>Discard</Button>
        </div>
      </form>
      <SimulatedNote>
        the gateway judges each new connection by these rules, also those of this machine. Sessions that are open stay
        open, as in Azure.
      </SimulatedNote>
    </Section>
  )
}
