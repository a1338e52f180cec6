'use client'
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise'
import { ArrowRepeatAllRegular } from '@fluentui/react-icons/svg/arrow-repeat-all'
import { DismissCircleRegular } from '@fluentui/react-icons/svg/dismiss-circle'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { paths } from '@/components/portal/paths'
import { Command, CommandBar } from '@/components/ui/command-bar'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { cancelDeployment, redeploy } from '@/server/actions/deployments'
import type { DeploymentView } from '@/server/queries/deployments'
import type { OperationView } from '@/server/workflow/contract'

type CommandsProps = { deployment: DeploymentView; onRefresh: () => void }

export function DeploymentCommands({ deployment, onRefresh }: CommandsProps) {
  return (
    <CommandBar>
      <Cancel deployment={deployment} />
      <Redeploy deployment={deployment} />
      <Command icon={<ArrowClockwiseRegular />} onClick={onRefresh}>
        Refresh
      </Command>
    </CommandBar>
  )
}

function Cancel({ deployment }: { deployment: DeploymentView }) {
  const { operation, resourceName } = deployment
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(cancelDeployment, {
    progress: `Cancelling ${operation.name}`,
    success: 'The deployment is being cancelled',
    failure: 'The deployment was not cancelled',
    invalidate: [['operations'], ['servers']],
  })
  const confirm = async () => {
    setAsking(false)
    await run({ operationId: operation.id })
  }
  return (
    <>
      <Command
        icon={<DismissCircleRegular />}
        permission={deployment.cancel}
        disabledReason={operation.canCancel ? null : whyNotCancel(operation)}
        onClick={() => setAsking(true)}
      >
        Cancel
      </Command>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Cancel the deployment?"
        confirmLabel="Cancel the deployment"
        onConfirm={confirm}
        busy={busy}
        danger
      >
        {deployment.creates
          ? `What was made for ${resourceName} is removed again, its data key destroyed and its name free.`
          : `What was changed on ${resourceName} is put back.`}
      </ConfirmDialog>
    </>
  )
}

const whyNotCancel = ({ status }: OperationView): string =>
  status === 'Canceling' ? 'It is being cancelled already.' : 'It has ended.'

function Redeploy({ deployment }: { deployment: DeploymentView }) {
  const router = useRouter()
  const { operation } = deployment
  const { run, busy } = useAction(redeploy, {
    progress: `Deploying ${deployment.resourceName} again`,
    success: null,
    failure: 'The deployment was not started again',
    invalidate: [['operations'], ['servers']],
  })
  const again = async () => {
    const result = await run({ operationId: operation.id })
    if (result.ok) router.push(paths.deployment(result.data.operationId))
  }
  return (
    <Command
      icon={<ArrowRepeatAllRegular />}
      permission={deployment.retry}
      disabledReason={whyNotRedeploy(deployment, busy)}
      onClick={again}
    >
      Redeploy
    </Command>
  )
}

function whyNotRedeploy({ operation, creates }: DeploymentView, busy: boolean): string | null {
  if (busy) return 'It is being started.'
  if (!creates) return 'Only a creation can be repeated; make a change anew on the server’s page.'
  return operation.canRetry ? null : 'Only a failed or cancelled deployment can be repeated.'
}
