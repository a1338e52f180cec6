'use client'
import { DatabaseRegular } from '@fluentui/react-icons/svg/database'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useCallback, useState } from 'react'
import { FormProvider, useWatch } from 'react-hook-form'
import { errorText } from '@/components/portal/api'
import { paths } from '@/components/portal/paths'
import { Blade } from '@/components/ui/blade'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { ErrorState, PageSkeleton } from '@/components/ui/states'
import type { CreateOptions } from '@/server/queries/create-options'
import { createOptionsQuery } from './create-query'
import { useLeaveGuard } from './use-leave-guard'
import { useUrlSync } from './use-url-sync'
import { useWizardForm } from './use-wizard-form'
import { type KeyMethod, type KeyRole, WizardProvider } from './wizard-context'
import type { TabId } from './wizard-fields'
import { WizardSteps } from './wizard-steps'
import { encodeValues } from './wizard-url'
import { WIZARD_TITLE, type WizardValues } from './wizard-values'

export type WizardProps = {
  initial: WizardValues
  initialTab: TabId
  /** The link held a form that could not be read. */
  broken: boolean
}

export function Wizard(props: WizardProps) {
  const options = useQuery(createOptionsQuery)
  const trail = [
    { label: 'Home', href: paths.home() },
    { label: 'PostgreSQL flexible servers', href: paths.servers() },
  ]
  return (
    <Blade title={WIZARD_TITLE} icon={<DatabaseRegular />} breadcrumb={trail}>
      {options.data ? (
        <LoadedWizard {...props} options={options.data} />
      ) : options.error ? (
        <ErrorState message={errorText(options.error) ?? ''} onRetry={() => options.refetch()} />
      ) : (
        <PageSkeleton lines={10} label="Loading the form" />
      )}
    </Blade>
  )
}

function LoadedWizard({ initial, initialTab, broken, options }: WizardProps & { options: CreateOptions }) {
  const router = useRouter()
  const [start] = useState(() => withFirstSubscription(initial, options))
  const [fromLink] = useState(() => encodeValues(initial) !== '')
  const wizard = useWizardForm(start, initialTab === 'review' ? 'all' : null)
  const [tab, setTab] = useState(initialTab)
  const [keyMethods, setKeyMethods] = useState<Record<KeyRole, KeyMethod>>({ primary: 'select', geo: 'select' })
  const [focus, setFocus] = useState<{ path: string } | null>(null)
  const values = useWatch({ control: wizard.form.control }) as WizardValues
  const [leaving, setLeaving] = useState(false)
  useUrlSync(values, tab, leaving)

  const go = useCallback((href: string) => router.push(href), [router])
  const typedPassword = values.basics.authentication.password !== ''
  const guard = useLeaveGuard(typedPassword || encodeValues(values) !== encodeValues(start), go)
  const setKeyMethod = (role: KeyRole, method: KeyMethod) => setKeyMethods((all) => ({ ...all, [role]: method }))
  return (
    <FormProvider {...wizard.form}>
      <WizardProvider
        value={{ ...wizard, options, tab, setTab, keyMethods, setKeyMethod, focus, setFocus, setLeaving }}
      >
        <WizardSteps
          broken={broken}
          passwordLost={fromLink && !typedPassword}
          onCreated={(operationId) => {
            guard.release()
            go(paths.deployment(operationId))
          }}
        />
        <ConfirmDialog
          open={guard.asking}
          onClose={guard.stay}
          title="Leave this form?"
          confirmLabel="Leave"
          onConfirm={() => {
            setLeaving(true)
            guard.leave()
          }}
        >
          What you entered is dropped when you leave. To continue later, stay and copy the address of this page: it
          holds everything but the passwords.
        </ConfirmDialog>
      </WizardProvider>
    </FormProvider>
  )
}

/** The subscription is chosen already when there is anything to choose, as in every form of the portal. */
function withFirstSubscription(values: WizardValues, options: CreateOptions): WizardValues {
  const subscriptionId = values.basics.subscriptionId || options.subscriptions[0]?.id || ''
  return { ...values, basics: { ...values.basics, subscriptionId } }
}
