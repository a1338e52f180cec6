'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { pathOfResource, paths } from '@/components/portal/paths'
import { ButtonLink } from '@/components/ui/button-link'
import { Section } from '@/components/ui/section'
import type { DeploymentView } from '@/server/queries/deployments'

const useStyles = makeStyles({
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

/** Where to go from here: to the resource once it is there. */
export function NextSteps({ deployment }: { deployment: DeploymentView }) {
  const styles = useStyles()
  const { operation, creates } = deployment
  const gone = operation.kind === 'deleteServer' && operation.status === 'Succeeded'
  const there = creates ? operation.status === 'Succeeded' : !gone
  const href = pathOfResource(operation.resourceId)
  if (!there || !href) return null
  return (
    <Section title="Next steps">
      <div className={styles.buttons}>
        <ButtonLink appearance="primary" href={href}>
          Go to resource
        </ButtonLink>
        {creates && <ButtonLink href={paths.createPostgres()}>Create another server</ButtonLink>}
      </div>
    </Section>
  )
}
