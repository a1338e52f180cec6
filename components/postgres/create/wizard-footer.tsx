'use client'
import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { PermissionButton } from '@/components/ui/permission-button'
import type { Preflight } from './use-preflight'
import { useWizard, useWizardValues } from './wizard-context'
import { nextTab, previousTab, tabLabel } from './wizard-fields'

const useStyles = makeStyles({
  footer: {
    position: 'sticky',
    bottom: 0,
    zIndex: 2,
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    paddingTop: tokens.spacingVerticalM,
    paddingBottom: tokens.spacingVerticalM,
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
  },
})

type FooterProps = { preflight: Preflight; busy: boolean; onReview: () => void; onCreate: () => void }

export function WizardFooter({ preflight, busy, onReview, onCreate }: FooterProps) {
  const styles = useStyles()
  const { tab, openTab } = useWizard()
  const [before, after] = [previousTab(tab), nextTab(tab)]
  return (
    <div className={styles.footer}>
      {tab === 'review' ? (
        <CreateButton preflight={preflight} busy={busy} onCreate={onCreate} />
      ) : (
        <Button appearance="primary" onClick={onReview}>
          Review + create
        </Button>
      )}
      {before && <Button onClick={() => openTab(before)}>&lt; Previous</Button>}
      {after && <Button onClick={after === 'review' ? onReview : () => openTab(after)}>Next: {tabLabel(after)}</Button>}
    </div>
  )
}

function CreateButton({ preflight, busy, onCreate }: Omit<FooterProps, 'onReview'>) {
  const { options } = useWizard()
  const { basics } = useWizardValues()
  const group = options.resourceGroups.find(
    (g) => g.subscriptionId === basics.subscriptionId && g.name === basics.resourceGroup,
  )
  return (
    <PermissionButton
      appearance="primary"
      permission={group?.createServer}
      disabledReason={waitingFor(preflight, busy)}
      onClick={onCreate}
    >
      Create
    </PermissionButton>
  )
}

function waitingFor(preflight: Preflight, busy: boolean): string | null {
  if (busy) return 'The server is being asked for.'
  if (preflight.testing) return 'Wait until the access test is done.'
  if (preflight.broken.length === 0) return null
  return preflight.broken.length === 1
    ? 'A required rule of the access test is broken: see the tab Security.'
    : `${preflight.broken.length} required rules of the access test are broken: see the tab Security.`
}
