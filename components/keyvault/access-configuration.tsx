'use client'
import {
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Radio,
  RadioGroup,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { paths } from '@/components/portal/paths'
import { ButtonLink } from '@/components/ui/button-link'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import { changeVault } from '@/server/actions/vaults'
import type { VaultPage } from '@/server/queries/vaults'
import { AccessPolicies } from './access-policies'
import { ImpactDialog } from './impact'
import { VaultFrame } from './vault-frame'
import { PERMISSION_MODELS } from './vaults-list'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, alignItems: 'start' },
})

export function AccessConfiguration({ name }: { name: string }) {
  return (
    <VaultFrame name={name}>
      {(page) => (
        <>
          <PermissionModel key={page.vault.permissionModel} page={page} />
          {page.vault.permissionModel === 'rbac' ? <RbacHint page={page} /> : <AccessPolicies page={page} />}
        </>
      )}
    </VaultFrame>
  )
}

const CONSEQUENCES = {
  rbac: 'All access policies stop counting at once. Whoever has no role on the keys loses access, the identities of servers included.',
  accessPolicies:
    'Roles on the keys stop counting at once. Whoever has no access policy loses access, the identities of servers included.',
} as const

function PermissionModel({ page: { vault, permissions } }: { page: VaultPage }) {
  const styles = useStyles()
  const [model, setModel] = useState(vault.permissionModel)
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(changeVault, {
    progress: `Changing the permission model of ${vault.name}`,
    success: `The permission model of ${vault.name} was changed`,
    failure: `The permission model of ${vault.name} was not changed`,
    invalidate: [['keys'], ['servers']],
  })
  return (
    <Section title="Permission model">
      <div className={styles.root}>
        <RadioGroup
          aria-label="Permission model"
          value={model}
          onChange={(_, data) => setModel(data.value as typeof model)}
        >
          <Radio value="rbac" label={`${PERMISSION_MODELS.rbac} (recommended)`} />
          <Radio value="accessPolicies" label={PERMISSION_MODELS.accessPolicies} />
        </RadioGroup>
        <PermissionButton
          appearance="primary"
          permission={permissions.write}
          disabledReason={model === vault.permissionModel ? 'Nothing was changed.' : null}
          onClick={() => setAsking(true)}
        >
          Apply
        </PermissionButton>
      </div>
      <ImpactDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Change to ${PERMISSION_MODELS[model].toLowerCase()}?`}
        confirmLabel="Change"
        busy={busy}
        question={{ change: 'permissionModel', store: vault.name, to: model }}
        onConfirm={async () => {
          await run({ id: vault.id, patch: { rbac: model === 'rbac' } })
          setAsking(false)
        }}
      >
        <span>{CONSEQUENCES[model]}</span>
      </ImpactDialog>
    </Section>
  )
}

function RbacHint({ page: { vault } }: { page: VaultPage }) {
  return (
    <Section title="Who has access">
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>Access is given by roles.</MessageBarTitle> People who make keys need Key Vault Crypto
          Officer; the identity of a server needs Key Vault Crypto Service Encryption User. Owner and Contributor give
          no right to keys.
          {vault.accessPolicies.length > 0 &&
            ` ${vault.accessPolicies.length} access policies are kept and count for nothing while this model is on.`}
        </MessageBarBody>
      </MessageBar>
      <div>
        <ButtonLink href={paths.access(vault.id)}>Open access control (IAM)</ButtonLink>
      </div>
    </Section>
  )
}
