'use client'
import {
  Button,
  Checkbox,
  Field,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components'
import { zodResolver } from '@hookform/resolvers/zod'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Controller, useFieldArray, useForm } from 'react-hook-form'
import { ControlledInput } from '@/components/ui/controlled-input'
import { CopyButton } from '@/components/ui/copy-button'
import { Loaded } from '@/components/ui/loaded'
import { Pane } from '@/components/ui/pane'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { keepActionGroup, removeActionGroup } from '@/server/actions/alerts'
import {
  type ActionGroupDraft,
  type ActionGroupInput,
  type ActionGroupView,
  actionGroupInput,
} from '@/server/alerts/contract'
import type { AlertSettings } from '@/server/queries/alerts'
import { deliveriesQuery } from './alerts-query'
import { firstPlace, PlaceFields, placeOf } from './choices'
import { DeliveryList } from './delivery-list'

const useStyles = makeStyles({
  row: {
    display: 'grid',
    gridTemplateColumns: '1fr 2fr auto',
    columnGap: tokens.spacingHorizontalS,
    alignItems: 'end',
  },
  rows: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalS },
  add: { alignSelf: 'flex-start' },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  code: { overflowWrap: 'anywhere' },
})

function defaultsOf(group: ActionGroupView | null, settings: AlertSettings): ActionGroupDraft {
  if (group) {
    const { subscriptionId, resourceGroup, name, shortName, enabled, receivers, tags } = group
    return { subscriptionId, resourceGroup, name, shortName, enabled, receivers, tags }
  }
  return {
    ...firstPlace(settings, 'group'),
    name: '',
    shortName: '',
    enabled: true,
    receivers: { webhooks: [], emails: [], inboxes: [{ name: 'portal inbox' }] },
    tags: {},
  }
}

/** Creates or changes an action group; shows the secrets of new webhooks once, and what was sent. */
export function GroupPane(props: { settings: AlertSettings; group: ActionGroupView | null; onClose: () => void }) {
  const styles = useStyles()
  const { settings, group, onClose } = props
  const form = useForm<ActionGroupDraft, unknown, ActionGroupInput>({
    defaultValues: defaultsOf(group, settings),
    resolver: zodResolver(actionGroupInput),
  })
  const { control, watch, formState } = form
  const webhooks = useFieldArray({ control, name: 'receivers.webhooks' })
  const emails = useFieldArray({ control, name: 'receivers.emails' })
  const [secrets, setSecrets] = useState<Record<string, string>>({})
  const saving = useAction(keepActionGroup, {
    progress: 'Saving the action group',
    success: 'The action group was saved',
    failure: 'The action group was not saved',
    invalidate: [['alerts']],
  })
  const removing = useAction(removeActionGroup, {
    progress: 'Deleting the action group',
    success: 'The action group was deleted',
    failure: 'The action group was not deleted',
    invalidate: [['alerts']],
  })
  const place = { subscriptionId: watch('subscriptionId'), resourceGroup: watch('resourceGroup') }
  const save = form.handleSubmit(async (values) => {
    const result = await saving.run(values)
    if (!result.ok) {
      for (const [field, message] of Object.entries(result.fields ?? {})) form.setError(field as 'name', { message })
    } else if (Object.keys(result.data.secrets).length) setSecrets(result.data.secrets)
    else onClose()
  })
  const { errors } = formState
  return (
    <Pane
      open
      onClose={onClose}
      title={group ? `Action group ${group.name}` : 'Create an action group'}
      footer={
        <>
          <PermissionButton
            appearance="primary"
            permission={group?.permissions.write ?? placeOf(settings, place)?.create.group}
            disabledReason={saving.busy ? 'It is being saved.' : null}
            onClick={() => void save()}
          >
            Save
          </PermissionButton>
          {group && (
            <PermissionButton
              permission={group.permissions.delete}
              onClick={async () => {
                if ((await removing.run({ id: group.id })).ok) onClose()
              }}
            >
              Delete
            </PermissionButton>
          )}
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      {Object.entries(secrets).map(([name, secret]) => (
        <MessageBar key={name} intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>Signing secret of {name}</MessageBarTitle>
            <br />
            <code className={styles.code}>{secret}</code>{' '}
            <CopyButton value={secret} label={`Copy the secret of ${name}`} />
            <br />
            Keep it now: it is not shown again.
          </MessageBarBody>
        </MessageBar>
      ))}
      <Field label="Name" required validationMessage={errors.name?.message}>
        <ControlledInput control={control} name="name" readOnly={group !== null} />
      </Field>
      <Field label="Short name" required hint="At most 12 characters" validationMessage={errors.shortName?.message}>
        <ControlledInput control={control} name="shortName" />
      </Field>
      <PlaceFields settings={settings} control={control} fixed={group !== null} fault={errors.resourceGroup?.message} />
      <h3 className={styles.heading}>Receivers</h3>
      <Controller
        control={control}
        name="receivers.inboxes"
        render={({ field }) => (
          <Checkbox
            label="The portal’s inbox"
            checked={(field.value ?? []).length > 0}
            onChange={(_, data) => field.onChange(data.checked ? [{ name: 'portal inbox' }] : [])}
          />
        )}
      />
      <div className={styles.rows}>
        {webhooks.fields.map((field, i) => (
          <div key={field.id} className={styles.row}>
            <Field label="Webhook" validationMessage={errors.receivers?.webhooks?.[i]?.name?.message}>
              <ControlledInput control={control} name={`receivers.webhooks.${i}.name`} />
            </Field>
            <Field label="Address" validationMessage={errors.receivers?.webhooks?.[i]?.serviceUri?.message}>
              <ControlledInput control={control} name={`receivers.webhooks.${i}.serviceUri`} type="url" />
            </Field>
            <Button onClick={() => webhooks.remove(i)} aria-label={`Remove webhook ${i + 1}`}>
              Remove
            </Button>
          </div>
        ))}
        <Button className={styles.add} onClick={() => webhooks.append({ name: '', serviceUri: '' })}>
          Add a webhook
        </Button>
        {emails.fields.map((field, i) => (
          <div key={field.id} className={styles.row}>
            <Field label="E-mail" validationMessage={errors.receivers?.emails?.[i]?.name?.message}>
              <ControlledInput control={control} name={`receivers.emails.${i}.name`} />
            </Field>
            <Field label="Address" validationMessage={errors.receivers?.emails?.[i]?.emailAddress?.message}>
              <ControlledInput control={control} name={`receivers.emails.${i}.emailAddress`} type="email" />
            </Field>
            <Button onClick={() => emails.remove(i)} aria-label={`Remove e-mail ${i + 1}`}>
              Remove
            </Button>
          </div>
        ))}
        <Button className={styles.add} onClick={() => emails.append({ name: '', emailAddress: '' })}>
          Add an e-mail
        </Button>
      </div>
      {group && <Log groupId={group.id} />}
    </Pane>
  )
}

function Log({ groupId }: { groupId: string }) {
  const query = useQuery(deliveriesQuery(groupId))
  return (
    <>
      <h3 className={useStyles().heading}>Delivery log</h3>
      <Loaded query={query} label="delivery log">
        {(deliveries) => <DeliveryList deliveries={deliveries} />}
      </Loaded>
    </>
  )
}
