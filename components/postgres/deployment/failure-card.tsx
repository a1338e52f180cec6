'use client'
import {
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components'
import { paths } from '@/components/portal/paths'
import { encodeValues } from '@/components/postgres/create/wizard-url'
import { fromInput } from '@/components/postgres/create/wizard-values'
import { ButtonLink } from '@/components/ui/button-link'
import type { DeploymentView } from '@/server/queries/deployments'
import type { OperationError } from '@/server/workflow/contract'

const useStyles = makeStyles({
  facts: {
    display: 'grid',
    gridTemplateColumns: 'max-content minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalM,
    rowGap: tokens.spacingVerticalXXS,
    margin: `${tokens.spacingVerticalXS} 0 0`,
  },
  value: { margin: 0, overflowWrap: 'anywhere' },
  code: { fontFamily: tokens.fontFamilyMonospace },
})

/** What stopped a deployment: Azure's code, the rule that was broken, what it means, and the way on. */
export function FailureCard({ error, deployment }: { error: OperationError; deployment: DeploymentView }) {
  const styles = useStyles()
  const cancelled = deployment.operation.status === 'Canceled'
  return (
    <MessageBar intent={cancelled ? 'warning' : 'error'} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{cancelled ? 'It was cancelled' : 'What went wrong'}</MessageBarTitle>
        <dl className={styles.facts}>
          <dt>Code</dt>
          <dd className={`${styles.value} ${styles.code}`}>{error.code}</dd>
          {error.rule && (
            <>
              <dt>Broken rule</dt>
              <dd className={`${styles.value} ${styles.code}`}>{error.rule}</dd>
            </>
          )}
          <dt>Message</dt>
          <dd className={styles.value}>{error.message}</dd>
        </dl>
      </MessageBarBody>
      {deployment.request && (
        <MessageBarActions>
          <ButtonLink size="small" href={paths.createPostgres({ s: encodeValues(fromInput(deployment.request)) })}>
            Change the settings
          </ButtonLink>
        </MessageBarActions>
      )}
    </MessageBar>
  )
}
