import {
  Badge,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  makeStyles,
  Tab,
  TabList,
  tokens,
} from '@fluentui/react-components'
import { ArrowResetRegular } from '@fluentui/react-icons/svg/arrow-reset'
import { SaveRegular } from '@fluentui/react-icons/svg/save'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { EmptyState } from '@/components/ui/states'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { saveServerParameters } from '@/server/actions/servers'
import type { ParameterView, ServerView, SetParametersInput } from '@/server/postgres/contract'
import { LifecycleCommands } from '../server/lifecycle-commands'
import { type Draft, draftedValue, faultsOf, isShown, SHOWS, type Show, toChanges, withValue } from './parameter-draft'
import { ParameterValue } from './parameter-value'
import { parametersQuery } from './parameters-query'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, minWidth: 0 },
  tabs: { flexWrap: 'wrap' },
  name: { display: 'flex', flexDirection: 'column', alignItems: 'start', rowGap: tokens.spacingVerticalXXS },
  text: { display: 'block', whiteSpace: 'normal', minWidth: '220px' },
  reason: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

const several = (count: number) => `${count} ${count === 1 ? 'change' : 'changes'}`

/** All parameters with what was changed and not saved yet. */
export function ParametersEditor({ server, parameters }: { server: ServerView; parameters: ParameterView[] }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const [draft, setDraft] = useState<Draft>({})
  const [refused, setRefused] = useState<Record<string, string>>({})
  const [resetting, setResetting] = useState(false)
  const { save, busy } = useSave(server)
  const show = SHOWS.find((s) => s === params.get('show')) ?? 'All'
  const faults = useMemo(() => ({ ...refused, ...faultsOf(parameters, draft) }), [parameters, draft, refused])
  const count = Object.keys(draft).length
  const modified = parameters.filter((p) => isShown(p, 'Modified'))

  const give = useCallback((parameter: ParameterView, value: string | null) => {
    setDraft((before) => withValue(before, parameter, value))
    setRefused(({ [parameter.name]: _, ...others }) => others)
  }, [])
  const discard = () => {
    setDraft({})
    setRefused({})
  }
  const send = async (changes: SetParametersInput['changes']) => {
    const result = await save({ serverId: server.id, changes })
    if (result.ok) discard()
    else setRefused(result.fields ?? {})
  }
  const { setParameters: permission } = server.permissions
  const nothing = busy ? 'The parameters are being saved.' : count === 0 ? 'Nothing was changed.' : null
  const faulty = Object.keys(faults)[0]
  const fault = faulty ? `The value of ${faulty} has a fault.` : null
  const unmodified = modified.length === 0 ? 'All parameters are at their defaults.' : null
  return (
    <div className={styles.root}>
      <CommandBar label="Commands for server parameters">
        <Command
          icon={<SaveRegular />}
          permission={permission}
          disabledReason={permission.allowed ? (nothing ?? fault) : null}
          onClick={() => void send(toChanges(draft))}
        >
          {count ? `Save ${several(count)}` : 'Save'}
        </Command>
        <Command disabledReason={nothing} onClick={discard}>
          Discard
        </Command>
        <Command
          icon={<ArrowResetRegular />}
          permission={permission}
          disabledReason={permission.allowed ? (busy ? nothing : unmodified) : null}
          onClick={() => setResetting(true)}
        >
          Reset all to default
        </Command>
      </CommandBar>
      <PendingRestart server={server} parameters={parameters} />
      <TabList
        className={styles.tabs}
        selectedValue={show}
        onTabSelect={(_, data) => change({ show: data.value === 'All' ? null : String(data.value) })}
        aria-label="Kinds of parameters"
      >
        {SHOWS.map((each) => (
          <Tab key={each} value={each}>{`${each} (${parameters.filter((p) => isShown(p, each)).length})`}</Tab>
        ))}
      </TabList>
      <ResourceTable
        label="server parameters"
        rows={parameters.filter((p) => isShown(p, show))}
        rowId={(parameter) => parameter.name}
        columns={columns({ draft, faults, disabled: busy || !permission.allowed, give })}
        searchText={(p) => `${p.name} ${p.description}`}
        empty={<EmptyState title={NONE[show] ?? 'No parameter'} text="Choose All to see the others." />}
      />
      <SimulatedNote>
        they are the real settings of this server’s PostgreSQL, kept in its sealed files and its backups. Ranges are
        narrower than in Azure where many servers share one machine. A database that falls asleep has restarted when it
        wakes, so that what waits for a restart holds from then on.
      </SimulatedNote>
      <ConfirmDialog
        open={resetting}
        onClose={() => setResetting(false)}
        title={`Reset all parameters of ${server.name} to their defaults?`}
        confirmLabel="Reset"
        busy={busy}
        onConfirm={async () => {
          await send(modified.map(({ name }) => ({ name, value: null })))
          setResetting(false)
        }}
      >
        <span>{`New sessions use the defaults at once, static parameters after a restart: ${modified.map((p) => p.name).join(', ')}.`}</span>
      </ConfirmDialog>
    </div>
  )
}

const NONE: Partial<Record<Show, string>> = { Modified: 'No parameter was modified' }

/** Saves, and puts what the server then has in the place of what was read. */
function useSave(server: ServerView) {
  const client = useQueryClient()
  const { run, busy } = useAction(saveServerParameters, {
    progress: `Saving the parameters of ${server.name}`,
    success: (_, { changes }: SetParametersInput) => `${several(changes.length)} of ${server.name} saved`,
    failure: `The parameters of ${server.name} were not saved`,
  })
  const save = async (input: SetParametersInput) => {
    const result = await run(input)
    if (result.ok) client.setQueryData(parametersQuery(server).queryKey, result.data)
    return result
  }
  return { save, busy }
}

function PendingRestart({ server, parameters }: { server: ServerView; parameters: ParameterView[] }) {
  const waiting = parameters.filter((p) => p.pendingRestart).map((p) => p.name)
  if (waiting.length === 0) return null
  return (
    <MessageBar intent="warning">
      <MessageBarBody>{`Restart needed: ${waiting.join(', ')} ${waiting.length === 1 ? 'holds' : 'hold'} from the next restart on.`}</MessageBarBody>
      <MessageBarActions>
        <LifecycleCommands server={server} kinds={['restart']} />
      </MessageBarActions>
    </MessageBar>
  )
}

type CellInput = {
  draft: Draft
  faults: Record<string, string>
  disabled: boolean
  give: (parameter: ParameterView, value: string | null) => void
}

const kindOf = ({ dynamic, readOnlyReason }: ParameterView) =>
  readOnlyReason !== null ? 'Read-only' : dynamic ? 'Dynamic' : 'Static'

const columns = ({ draft, faults, disabled, give }: CellInput): TableColumn<ParameterView>[] => [
  { id: 'name', label: 'Parameter', nowrap: true, sortValue: (p) => p.name, render: (p) => <Name parameter={p} /> },
  {
    id: 'value',
    label: 'Value',
    render: (p) => (
      <ParameterValue
        parameter={p}
        value={draftedValue(p, draft)}
        fault={faults[p.name]}
        disabled={disabled}
        canReset={draft[p.name] !== null && (p.source === 'user-override' || p.name in draft)}
        onChange={give}
      />
    ),
  },
  { id: 'kind', label: 'Parameter type', nowrap: true, sortValue: kindOf, render: kindOf },
  {
    id: 'category',
    label: 'Category',
    filterOnly: true,
    filterValue: (p) => p.category.split(' / ')[0]!,
    render: (p) => p.category,
  },
  { id: 'description', label: 'Description', lowPriority: true, render: (p) => <Description parameter={p} /> },
]

function Name({ parameter }: { parameter: ParameterView }) {
  const styles = useStyles()
  return (
    <span className={styles.name}>
      {parameter.name}
      {parameter.source === 'user-override' && (
        <Badge appearance="tint" color="brand">
          Modified
        </Badge>
      )}
      {parameter.pendingRestart && (
        <Badge appearance="tint" color="warning">
          Restart needed
        </Badge>
      )}
    </span>
  )
}

function Description({ parameter }: { parameter: ParameterView }) {
  const styles = useStyles()
  return (
    <span className={styles.text}>
      {parameter.description}
      {parameter.readOnlyReason && <span className={styles.reason}>{parameter.readOnlyReason}</span>}
    </span>
  )
}
