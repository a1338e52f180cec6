'use client'
import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from '@fluentui/react-components'
import { SaveRegular } from '@fluentui/react-icons/svg/save'
import { type FormEvent, useState } from 'react'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { updateServerEncryption } from '@/server/actions/servers'
import { findRegion } from '@/server/kernel/regions'
import type { ServerPage } from '@/server/queries/servers'
import { type Draft, draftFaults, draftOf, sameDraft } from './encryption-draft'
import { KeyChoiceFields, regionLegend } from './key-choice-fields'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

/** Key, key version, identity and version checkbox of a server with a customer-managed key. */
export function EncryptionForm({ page }: { page: ServerPage }) {
  const saved = draftOf(page.server.encryption)
  // What somebody else saved meanwhile replaces the draft; a mere check of the key does not.
  return <DraftForm key={JSON.stringify(saved)} page={page} saved={saved} />
}

function DraftForm({ page, saved }: { page: ServerPage; saved: Draft }) {
  const styles = useStyles()
  const { server, attached, broken } = page
  const [draft, setDraft] = useState(saved)
  const [refused, setRefused] = useState<Record<string, string>>({})
  const { run, busy } = useAction(updateServerEncryption, {
    progress: `Asking to change the data encryption of ${server.name}`,
    success: `The data encryption of ${server.name} is being changed`,
    failure: `The data encryption of ${server.name} was not changed`,
    invalidate: [['servers']],
    successLink: ({ operationId }) => <AppLink href={paths.deployment(operationId)}>Follow the change</AppLink>,
  })
  const faults = { ...draftFaults(draft), ...refused }
  const changed = !sameDraft(draft, saved)
  const keyLocked = server.state === 'Inaccessible' && broken?.cause === 'KeyExpired' ? broken.wayOut : null
  const change = (patch: Partial<Draft>) => {
    setRefused({})
    setDraft({ ...draft, ...patch })
  }
  const save = async (event: FormEvent) => {
    event.preventDefault()
    const result = await run({ serverId: server.id, ...draft })
    if (!result.ok) setRefused(result.fields ?? {})
  }
  const common = { attached, subscriptionId: server.subscriptionId, resourceGroup: server.resourceGroup, keyLocked }
  const pair = findRegion(server.location)?.pair ?? server.location
  return (
    <form onSubmit={save} className={styles.form} aria-label="Data encryption">
      {keyLocked && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>The key has expired</MessageBarTitle> {keyLocked} Until then only the identity can be
            changed here.
          </MessageBarBody>
        </MessageBar>
      )}
      <KeyChoiceFields
        {...common}
        legend={regionLegend('Server', server.location)}
        value={draft.primary}
        onChange={(primary) => change({ primary })}
        taken={draft.geo?.identityId ?? null}
        region={server.location}
        faults={{ identityId: faults['primary.identityId'], keyUri: faults['primary.keyUri'] }}
      />
      {draft.geo && (
        <KeyChoiceFields
          {...common}
          legend={regionLegend('Geo-redundant backup, paired region', pair)}
          value={draft.geo}
          onChange={(geo) => change({ geo })}
          taken={draft.primary.identityId}
          region={pair}
          faults={{ identityId: faults['geo.identityId'], keyUri: faults['geo.keyUri'] }}
        />
      )}
      <div className={styles.buttons}>
        <PermissionButton
          type="submit"
          appearance="primary"
          icon={<SaveRegular />}
          permission={server.permissions.updateEncryption}
          disabledReason={reasonNotToSave({ busy, changed, faults })}
        >
          Save
        </PermissionButton>
        <PermissionButton disabledReason={changed ? null : 'Nothing was changed.'} onClick={() => change(saved)}>
          Discard changes
        </PermissionButton>
      </div>
    </form>
  )
}

function reasonNotToSave(form: { busy: boolean; changed: boolean; faults: Record<string, string> }): string | null {
  if (form.busy) return 'The change is being asked for.'
  if (!form.changed) return 'Nothing was changed.'
  return Object.values(form.faults)[0] ?? null
}
