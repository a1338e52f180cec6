'use client'
import {
  Button,
  Tab as FluentTab,
  MessageBar,
  MessageBarBody,
  makeStyles,
  TabList,
  tokens,
} from '@fluentui/react-components'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { Permission } from '@/server/identity/contract'
import { PermissionButton } from './permission-button'
import { useUrlState } from './use-url-state'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL },
  panel: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '720px' },
  footer: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    paddingTop: tokens.spacingVerticalM,
  },
  error: { color: tokens.colorStatusDangerForeground1 },
  tabs: { flexWrap: 'wrap' },
})

const REVIEW = 'Review + create'

export type TabbedFormProps = {
  /** Names the form: "Create a key vault". */
  label: string
  /** The tabs before the last; each draws its fields with the faults that are to be shown by now. */
  tabs: { name: string; render: (faults: Record<string, string>) => ReactNode }[]
  review: ReactNode
  /** The tab on which a fault's field stands. */
  tabOf: (field: string) => string
  /** Faults of the draft by field. */
  faults: Record<string, string>
  /** What the server refused, by field; `form` for what belongs to none. */
  refused: Record<string, string>
  permission?: Permission
  busy: boolean
  onCreate: () => void
}

/** A form in tabs that ends in Review + create. The tab stands in the address; faults show once the review was tried. */
export function TabbedForm(props: TabbedFormProps) {
  const styles = useStyles()
  const [params, setParams] = useUrlState()
  const [tried, setTried] = useState(false)
  const names = [...props.tabs.map((t) => t.name), REVIEW]
  const tab = names.find((t) => t === params.get('tab')) ?? names[0]!
  const index = names.indexOf(tab)
  const goTo = (next: string) => {
    if (next === REVIEW) setTried(true)
    setParams({ tab: next === names[0] ? null : next })
  }
  const faults = { ...props.faults, ...props.refused }
  const shown = tried || tab === REVIEW ? faults : props.refused
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (tab !== REVIEW) return goTo(names[index + 1]!)
    if (!props.busy && Object.keys(props.faults).length === 0) props.onCreate()
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={props.label}>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, data) => goTo(data.value as string)}
        aria-label="Steps"
      >
        {names.map((t) => (
          <FluentTab key={t} value={t} id={`tab-${t}`} aria-controls="form-tab">
            {t}
            {Object.keys(shown).some((field) => props.tabOf(field) === t) && (
              <ErrorCircleFilled className={styles.error} aria-label="has errors" role="img" />
            )}
          </FluentTab>
        ))}
      </TabList>
      <div role="tabpanel" id="form-tab" aria-labelledby={`tab-${tab}`} className={styles.panel}>
        {shown.form && <MessageBar intent="error">{shown.form}</MessageBar>}
        {tab === REVIEW ? (
          <>
            <Verdict faults={faults} tabOf={props.tabOf} />
            {props.review}
          </>
        ) : (
          props.tabs[index]!.render(shown)
        )}
      </div>
      <div className={styles.footer}>
        {tab === REVIEW ? (
          <PermissionButton
            type="submit"
            appearance="primary"
            permission={props.permission}
            disabledReason={props.busy ? 'It is being created.' : (Object.values(faults)[0] ?? null)}
          >
            Create
          </PermissionButton>
        ) : (
          <Button appearance="primary" onClick={() => goTo(REVIEW)}>
            Review + create
          </Button>
        )}
        {index > 0 && <Button onClick={() => goTo(names[index - 1]!)}>&lt; Previous</Button>}
        {index < names.length - 1 && <Button onClick={() => goTo(names[index + 1]!)}>Next: {names[index + 1]}</Button>}
      </div>
    </form>
  )
}

/** What keeps the form from being sent, before anything else. */
function Verdict({ faults, tabOf }: { faults: Record<string, string>; tabOf: (field: string) => string }) {
  const [first] = Object.entries(faults).filter(([field]) => field !== 'form')
  if (!first) return null
  const [field, message] = first
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        Validation failed: {message} ({tabOf(field)})
      </MessageBarBody>
    </MessageBar>
  )
}
