'use client'
import { CounterBadge, MessageBar, MessageBarBody, makeStyles, Tab, TabList, tokens } from '@fluentui/react-components'
import { useEffect, useId, useRef, useState } from 'react'
import { useFormContext } from 'react-hook-form'
import { useAction } from '@/components/ui/use-action'
import { useMounted } from '@/components/ui/use-mounted'
import { createServerAction } from '@/server/actions/create-server'
import { BasicsTab } from './basics-tab'
import { CostCard } from './cost-card'
import { focusField } from './focus-field'
import { NetworkingTab } from './networking-tab'
import { ReviewTab } from './review-tab'
import { SecurityTab } from './security-tab'
import { TagsTab } from './tags-tab'
import { type Preflight, usePreflight } from './use-preflight'
import { useWizard } from './wizard-context'
import { inFieldOrder, isField, TABS, tabOf } from './wizard-fields'
import { WizardFooter } from './wizard-footer'
import { toInput, type WizardValues } from './wizard-values'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXL, minWidth: 0 },
  whole: { display: 'contents' },
  tabs: { flexWrap: 'wrap', borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  tab: { display: 'inline-flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  columns: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXXXL, alignItems: 'flex-start' },
  fields: {
    flexGrow: 1,
    flexBasis: '480px',
    minWidth: 0,
    maxWidth: '880px',
    display: 'flex',
    flexDirection: 'column',
    rowGap: tokens.spacingVerticalXXL,
  },
  aside: { flexBasis: '280px', flexGrow: 0, position: 'sticky', top: tokens.spacingVerticalL },
})

type StepsProps = { broken: boolean; passwordLost: boolean; onCreated: (operationId: string) => void }

/** Tabs, the open one's fields, and the footer that leads from one to the next. */
export function WizardSteps({ broken, passwordLost, onCreated }: StepsProps) {
  const styles = useStyles()
  const id = useId()
  const panel = useRef<HTMLDivElement>(null)
  const mounted = useMounted()
  const { tab, errors, focus, validate, reveal, openTab, goToField } = useWizard()
  const preflight = usePreflight(errors, tab === 'review')
  const { submit, busy, refusal } = useSubmit({ onCreated, testKeys: preflight.test })

  useEffect(() => {
    if (focus) focusField(focus.path, panel.current)
  }, [focus])

  const showFirstFault = async (): Promise<boolean> => {
    const [first] = inFieldOrder(Object.keys(await validate()))
    if (first === undefined) return false
    reveal('all')
    goToField(first)
    return true
  }
  const review = async () => {
    if (!(await showFirstFault())) openTab('review')
  }
  const create = async () => {
    if (!(await showFirstFault())) await submit()
  }
  return (
    <form className={styles.form} noValidate aria-label="Server" onSubmit={(event) => event.preventDefault()}>
      {/* What is entered before React has taken over would be lost. */}
      <fieldset disabled={!mounted} className={styles.whole}>
        {broken && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>The form in this link could not be read, so it starts from the defaults.</MessageBarBody>
          </MessageBar>
        )}
        <WizardTabs id={id} preflight={preflight} />
        <div className={styles.columns}>
          <div
            ref={panel}
            id={`${id}panel`}
            role="tabpanel"
            aria-labelledby={`${id}${tab}`}
            className={styles.fields}
            key={tab}
          >
            {tab === 'basics' && <BasicsTab passwordLost={passwordLost} />}
            {tab === 'networking' && <NetworkingTab />}
            {tab === 'security' && <SecurityTab preflight={preflight} />}
            {tab === 'tags' && <TagsTab />}
            {tab === 'review' && <ReviewTab preflight={preflight} refusal={refusal} />}
          </div>
          {tab === 'basics' && (
            <div className={styles.aside}>
              <CostCard />
            </div>
          )}
        </div>
        <WizardFooter preflight={preflight} busy={busy} onReview={review} onCreate={create} />
      </fieldset>
    </form>
  )
}

function WizardTabs({ id, preflight }: { id: string; preflight: Preflight }) {
  const styles = useStyles()
  const { tab: open, openTab, visibleErrors } = useWizard()
  const faultsOf = (tab: string) =>
    visibleErrors.filter((path) => tabOf(path) === tab).length + (tab === 'security' ? preflight.broken.length : 0)
  return (
    <TabList
      className={styles.tabs}
      selectedValue={open}
      onTabSelect={(_, data) => openTab(data.value as typeof open)}
      aria-label="Steps"
    >
      {TABS.map(({ id: tab, label }) => {
        const faults = faultsOf(tab)
        return (
          <Tab key={tab} value={tab} id={`${id}${tab}`} aria-controls={tab === open ? `${id}panel` : undefined}>
            <span className={styles.tab}>
              {label}
              {faults > 0 && (
                <CounterBadge
                  count={faults}
                  color="danger"
                  size="small"
                  aria-label={faults === 1 ? '1 error' : `${faults} errors`}
                  role="img"
                />
              )}
            </span>
          </Tab>
        )
      })}
    </TabList>
  )
}

/** Sends the form; what the server refuses lands at its fields and nothing entered is lost. */
function useSubmit({ onCreated, testKeys }: { onCreated: (operationId: string) => void; testKeys: () => void }) {
  const { getValues } = useFormContext<WizardValues>()
  const { refuse, reveal, goToField, setLeaving } = useWizard()
  const [refusal, setRefusal] = useState<string | null>(null)
  const { run, busy } = useAction(createServerAction, {
    progress: 'Submitting the deployment',
    success: null,
    failure: 'The server was not created',
    invalidate: [['servers'], ['operations'], ['resources']],
  })
  const submit = async () => {
    setRefusal(null)
    setLeaving(true)
    const result = await run(toInput(getValues()))
    if (result.ok) return onCreated(result.data.operationId)
    setLeaving(false)
    setRefusal(result.message)
    const fields = Object.entries(result.fields ?? {}).filter(([path]) => isField(path))
    // Whether a key can be used changes without the form: the access test shows it, and shows when it is mended.
    const lasting = fields.filter(([path]) => !path.startsWith('encryption.'))
    if (lasting.length < fields.length) testKeys()
    for (const [path, message] of lasting) refuse(path, message)
    reveal('all')
    const [first] = inFieldOrder(lasting.map(([path]) => path))
    if (first) goToField(first)
  }
  return { submit, busy, refusal }
}
