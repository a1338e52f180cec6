'use client'
import { Input, MessageBar, MessageBarBody, makeStyles, Switch, tokens } from '@fluentui/react-components'
import type { FormEvent, ReactNode } from 'react'
import { ButtonLink } from '@/components/ui/button-link'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { PermissionButton } from '@/components/ui/permission-button'
import type { Permission } from '@/server/identity/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import type { KeysView } from '@/server/queries/keys'
import type { AttributesDraft } from './create-key-draft'
import { TagRows } from './tag-rows'
import { ValidityFields } from './validity-fields'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '640px' },
  group: { border: 'none', margin: 0, padding: 0 },
  legend: { fontWeight: tokens.fontWeightSemibold, padding: 0 },
  buttons: { display: 'flex', columnGap: tokens.spacingHorizontalS },
  error: { color: tokens.colorPaletteRedForeground1 },
})

/** What each way of bringing a key into a store gets. */
export type KeyFormProps = { store: StoreRef; view: KeysView; premium: boolean }

/** The frame of the forms that bring a key into a store. */
export function KeyForm(props: {
  label: string
  /** A verb: "Create". */
  submitLabel: string
  permission: Permission
  disabledReason?: string | null
  /** What belongs to no field. */
  fault?: string
  cancelTo: string
  onSubmit: () => void
  children: ReactNode
}) {
  const styles = useStyles()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!props.disabledReason) props.onSubmit()
  }
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label={props.label}>
      {props.children}
      {props.fault && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{props.fault}</MessageBarBody>
        </MessageBar>
      )}
      <div className={styles.buttons}>
        <PermissionButton
          type="submit"
          appearance="primary"
          permission={props.permission}
          disabledReason={props.disabledReason}
        >
          {props.submitLabel}
        </PermissionButton>
        <ButtonLink href={props.cancelTo}>Cancel</ButtonLink>
      </div>
    </form>
  )
}

/** Fields under one name. */
export function FieldGroup({ legend, children }: { legend: string; children: ReactNode }) {
  const styles = useStyles()
  return (
    <fieldset className={styles.group}>
      <legend className={styles.legend}>{legend}</legend>
      {children}
    </fieldset>
  )
}

type Fields<D> = { draft: D; change: (patch: Partial<AttributesDraft>) => void; faults: Record<string, string> }

export function NameField({ draft, change, error }: Omit<Fields<AttributesDraft>, 'faults'> & { error?: string }) {
  return (
    <FieldWithInfo
      label="Name"
      required
      error={error}
      info="1 to 127 letters, digits and hyphens. It is part of the key identifier and cannot be changed."
    >
      <Input
        value={draft.name}
        onChange={(_, data) => change({ name: data.value })}
        autoComplete="off"
        spellCheck={false}
      />
    </FieldWithInfo>
  )
}

/** Dates, enabled, tags: what a key has wherever it comes from. */
export function AttributeFields({ draft, change, faults }: Fields<AttributesDraft>) {
  const styles = useStyles()
  return (
    <>
      <ValidityFields draft={draft} change={change} faults={faults} lifetimeDays={730} />
      <Switch label="Enabled" checked={draft.enabled} onChange={(_, data) => change({ enabled: data.checked })} />
      <FieldGroup legend="Tags">
        <TagRows tags={draft.tags} onChange={(tags) => change({ tags })} />
        {faults.tags && (
          <span role="alert" className={styles.error}>
            {faults.tags}
          </span>
        )}
      </FieldGroup>
    </>
  )
}
