'use client'
import { MessageBar, MessageBarBody, makeStyles, ProgressBar, Tab, TabList, tokens } from '@fluentui/react-components'
import { RocketRegular } from '@fluentui/react-icons/svg/rocket'
import { useQuery } from '@tanstack/react-query'
import { paths } from '@/components/portal/paths'
import { reviewGroups } from '@/components/postgres/create/review-groups'
import { ReviewList } from '@/components/postgres/create/review-list'
import { TemplateText } from '@/components/postgres/create/template-text'
import { Blade } from '@/components/ui/blade'
import { Loaded } from '@/components/ui/loaded'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import { useUrlState } from '@/components/ui/use-url-state'
import type { DeploymentView } from '@/server/queries/deployments'
import type { OperationView } from '@/server/workflow/contract'
import { isTerminal, type OperationStatus } from '@/server/workflow/model'
import { DeploymentCommands } from './deployment-commands'
import { DeploymentEssentials } from './deployment-essentials'
import { deploymentQuery } from './deployment-query'
import { FailureCard } from './failure-card'
import { NextSteps } from './next-steps'
import { OperationBadge } from './status-looks'
import { StepsTable } from './steps-table'

const VIEWS = ['Overview', 'Inputs', 'Template'] as const
type View = (typeof VIEWS)[number]

const useStyles = makeStyles({
  column: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXL, minWidth: 0 },
  tabs: { borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  heading: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalM },
  title: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500 },
})

export function DeploymentPage({ operationId }: { operationId: string }) {
  const styles = useStyles()
  const query = useQuery(deploymentQuery(operationId))
  const [params, change] = useUrlState()
  const view = VIEWS.find((v) => v.toLowerCase() === params.get('view')) ?? 'Overview'
  const deployment = query.data
  return (
    <Blade
      title={`${deployment?.operation.name ?? 'Deployment'} | ${view}`}
      subtitle={deployment?.creates === false ? 'Operation' : 'Deployment'}
      icon={<RocketRegular />}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'Deployments', href: paths.deployments() },
      ]}
      commands={deployment && <DeploymentCommands deployment={deployment} onRefresh={() => void query.refetch()} />}
    >
      <Loaded query={query} label="the deployment">
        {(loaded) => (
          <div className={styles.column}>
            <TabList
              className={styles.tabs}
              selectedValue={view}
              onTabSelect={(_, data) =>
                change({ view: data.value === 'Overview' ? null : String(data.value).toLowerCase() })
              }
              aria-label="Parts of the deployment"
            >
              {VIEWS.map((v) => (
                <Tab key={v} value={v} id={`view-${v}`} aria-controls={v === view ? 'view-panel' : undefined}>
                  {v}
                </Tab>
              ))}
            </TabList>
            <div id="view-panel" role="tabpanel" aria-labelledby={`view-${view}`} className={styles.column}>
              <Part view={view} deployment={loaded} />
            </div>
          </div>
        )}
      </Loaded>
    </Blade>
  )
}

function Part({ view, deployment }: { view: View; deployment: DeploymentView }) {
  if (view === 'Overview') return <Overview deployment={deployment} />
  if (!deployment.request) {
    return (
      <EmptyState
        title={view === 'Inputs' ? 'No inputs to show' : 'No template to show'}
        text="Only the creation of a server has them."
      />
    )
  }
  return view === 'Inputs' ? <Inputs deployment={deployment} /> : <Template deployment={deployment} />
}

function Overview({ deployment }: { deployment: DeploymentView }) {
  const { operation } = deployment
  return (
    <>
      <Heading operation={operation} creates={deployment.creates} />
      {operation.error && <FailureCard error={operation.error} deployment={deployment} />}
      <DeploymentEssentials deployment={deployment} />
      <Section title={deployment.creates ? 'Deployment details' : 'Operation details'}>
        <StepsTable steps={operation.steps} />
      </Section>
      <NextSteps deployment={deployment} />
    </>
  )
}

const HEADINGS: Record<OperationStatus, (what: string) => string> = {
  Accepted: (what) => `${what} is in progress`,
  Running: (what) => `${what} is in progress`,
  Waiting: (what) => `${what} is waiting`,
  Canceling: (what) => `${what} is being cancelled`,
  Succeeded: (what) => `Your ${what.toLowerCase()} is complete`,
  Failed: (what) => `Your ${what.toLowerCase()} failed`,
  Canceled: (what) => `Your ${what.toLowerCase()} was cancelled`,
}

function Heading({ operation, creates }: { operation: OperationView; creates: boolean }) {
  const styles = useStyles()
  const done = operation.steps.filter((s) => s.status === 'Succeeded').length
  const waiting = operation.steps.find((s) => s.status === 'Waiting')
  const running = !isTerminal(operation.status)
  return (
    <div>
      <div className={styles.heading} role="status">
        <h2 className={styles.title}>{HEADINGS[operation.status](creates ? 'Deployment' : 'Operation')}</h2>
        <OperationBadge status={operation.status} />
        {running && (
          <span>
            {done} of {operation.steps.length} steps done
          </span>
        )}
      </div>
      {running && (
        <ProgressBar
          aria-label="Progress"
          thickness="large"
          value={operation.steps.length ? done / operation.steps.length : undefined}
        />
      )}
      {waiting?.detail && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            {waiting.detail} Time here is virtual: the clock in the top bar can be advanced.
          </MessageBarBody>
        </MessageBar>
      )}
    </div>
  )
}

function Inputs({ deployment }: { deployment: DeploymentView }) {
  const { request, subscriptionName, administrator } = deployment
  return (
    <ReviewList
      groups={reviewGroups(request!, {
        subscription: subscriptionName,
        entraAdministrator: administrator?.name ?? null,
      })}
    />
  )
}

function Template({ deployment }: { deployment: DeploymentView }) {
  const { request, administrator } = deployment
  return <TemplateText input={request!} administrator={administrator} />
}
