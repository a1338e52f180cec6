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
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { firstPlace } from '@/components/identity/place-draft'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { createOptionsQuery } from '@/components/postgres/create/create-query'
import { Blade } from '@/components/ui/blade'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { createVaultAction } from '@/server/actions/vaults'
import type { CreateOptions } from '@/server/queries/create-options'
import { newVaultDraft, TABS, type Tab, tabOf, toCreateVault, type VaultDraft, vaultFaults } from './create-vault-draft'
import { AccessTab, BasicsTab, NetworkingTab, ReviewTab, TagsTab } from './create-vault-tabs'

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

export function CreateVault() {
  const query = useQuery(createOptionsQuery)
  return (
    <Blade
      title="Create a key vault"
      icon={KIND_ICONS.vault}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'Key vaults', href: paths.vaults() },
      ]}
    >
      <Loaded query={query} label="subscriptions and resource groups">
        {(options) => <Form options={options} />}
      </Loaded>
    </Blade>
  )
}

function Form({ options }: { options: CreateOptions }) {
  const styles = useStyles()
  const router = useRouter()
  const [params, setParams] = useUrlState()
  const [draft, setDraft] = useState(() => newVaultDraft(firstPlace(options)))
  const [tried, setTried] = useState(false)
  const [refused, setRefused] = useState<Record<string, string>>({})
  const { run, busy } = useAction(createVaultAction, {
    progress: `Creating key vault ${draft.name}`,
    success: `Key vault ${draft.name} was created`,
    failure: `Key vault ${draft.name} could not be created`,
    invalidate: [['keys'], ['resources']],
  })
  const tab = TABS.find((t) => t === params.get('tab')) ?? 'Basics'
  const index = TABS.indexOf(tab)
  const goTo = (next: Tab) => {
    if (next === 'Review + create') setTried(true)
    setParams({ tab: next === 'Basics' ? null : next })
  }
  const change = (patch: Partial<VaultDraft>) => {
    setRefused({})
    setDraft({ ...draft, ...patch })
  }
  const faults = { ...vaultFaults(draft), ...refused }
  const shown = tried ? faults : refused
  const group = options.resourceGroups.find(
    (g) => g.subscriptionId === draft.place.subscriptionId && g.name === draft.place.resourceGroup,
  )
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (tab !== 'Review + create') return goTo(TABS[index + 1]!)
    if (busy || Object.keys(vaultFaults(draft)).length) return
    const result = await run(toCreateVault(draft))
    if (result.ok) return router.push(paths.vault(result.data.name))
    setRefused(result.fields ?? { form: result.message })
  }
  const props = { draft, change, faults: shown, options }
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label="Create a key vault">
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, data) => goTo(data.value as Tab)}
        aria-label="Steps"
      >
        {TABS.map((t) => (
          <FluentTab key={t} value={t} id={`tab-${t}`} aria-controls="vault-tab">
            {t}
            {Object.keys(shown).some((field) => tabOf(field) === t) && (
              <ErrorCircleFilled className={styles.error} aria-label="has errors" role="img" />
            )}
          </FluentTab>
        ))}
      </TabList>
      <div role="tabpanel" id="vault-tab" aria-labelledby={`tab-${tab}`} className={styles.panel}>
        {shown.form && <MessageBar intent="error">{shown.form}</MessageBar>}
        {tab === 'Basics' && <BasicsTab {...props} />}
        {tab === 'Access configuration' && <AccessTab {...props} />}
        {tab === 'Networking' && <NetworkingTab {...props} />}
        {tab === 'Tags' && <TagsTab {...props} />}
        {tab === 'Review + create' && (
          <>
            {Object.keys(faults).length > 0 && (
              <MessageBar intent="error" layout="multiline">
                <MessageBarBody>
                  Validation failed: {Object.values(faults)[0]} ({tabOf(Object.keys(faults)[0]!)})
                </MessageBarBody>
              </MessageBar>
            )}
            <ReviewTab {...props} />
          </>
        )}
      </div>
      <div className={styles.footer}>
        {tab === 'Review + create' ? (
          <PermissionButton
            type="submit"
            appearance="primary"
            permission={group?.createVault}
            disabledReason={busy ? 'It is being created.' : (Object.values(faults)[0] ?? null)}
          >
            Create
          </PermissionButton>
        ) : (
          <Button appearance="primary" onClick={() => goTo('Review + create')}>
            Review + create
          </Button>
        )}
        {index > 0 && <Button onClick={() => goTo(TABS[index - 1]!)}>&lt; Previous</Button>}
        {index < TABS.length - 1 && <Button onClick={() => goTo(TABS[index + 1]!)}>Next: {TABS[index + 1]}</Button>}
      </div>
    </form>
  )
}
