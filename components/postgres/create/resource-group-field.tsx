'use client'
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  Link,
  makeStyles,
  Select,
  Tooltip,
  tokens,
} from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { useFormContext } from 'react-hook-form'
import { useAction } from '@/components/ui/use-action'
import { createResourceGroupAction } from '@/server/actions/create-server'
import { REGIONS } from '@/server/kernel/regions'
import { SelectField, useField } from './fields'
import { useWizard } from './wizard-context'
import type { WizardValues } from './wizard-values'

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
})

/** Chooses a resource group; the region follows it until one is chosen. */
export function ResourceGroupField() {
  const { options } = useWizard()
  const { getValues, setValue } = useFormContext<WizardValues>()
  const { value: subscriptionId } = useField('basics.subscriptionId')
  const { choose } = useField('basics.resourceGroup')
  const [creating, setCreating] = useState(false)
  const groups = options.resourceGroups.filter((g) => g.subscriptionId === subscriptionId)
  const mayCreate = options.subscriptions.find((s) => s.id === subscriptionId)?.createResourceGroup

  const pick = (name: string, location?: string) => {
    choose(name)
    const region = location ?? groups.find((g) => g.name === name)?.location
    if (region && !getValues('basics.location')) setValue('basics.location', region)
  }
  return (
    <>
      <SelectField
        path="basics.resourceGroup"
        label="Resource group"
        required
        info="Collects resources that share permissions and live and die together."
        placeholder="Select a resource group"
        options={groups.map((g) => ({ value: g.name, label: g.name }))}
        onChoose={pick}
        below={
          mayCreate && !mayCreate.allowed ? (
            <Tooltip content={mayCreate.reason} relationship="description">
              <Link as="button" type="button" disabledFocusable>
                Create new
              </Link>
            </Tooltip>
          ) : (
            <Link as="button" type="button" onClick={() => setCreating(true)}>
              Create new
            </Link>
          )
        }
      />
      {creating && (
        <NewResourceGroup
          subscriptionId={subscriptionId}
          location={getValues('basics.location')}
          onClose={() => setCreating(false)}
          onCreated={(group) => {
            setCreating(false)
            pick(group.name, group.location)
          }}
        />
      )}
    </>
  )
}

export function NewResourceGroup(props: {
  subscriptionId: string
  location: string
  onClose: () => void
  onCreated: (group: { name: string; location: string }) => void
}) {
  const styles = useStyles()
  const [name, setName] = useState('')
  const [location, setLocation] = useState(props.location || 'swedencentral')
  const [refusal, setRefusal] = useState<string | null>(null)
  const { run, busy } = useAction(createResourceGroupAction, {
    progress: `Creating resource group ${name}`,
    success: `Resource group ${name} created`,
    failure: `Resource group ${name} could not be created`,
    invalidate: [['resources']],
  })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    // A React event bubbles from the dialog into the wizard's own form.
    event.stopPropagation()
    if (busy) return
    const result = await run({ subscriptionId: props.subscriptionId, name: name.trim(), location })
    if (result.ok) props.onCreated(result.data)
    else setRefusal(result.message)
  }
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && props.onClose()}>
      <DialogSurface>
        <form onSubmit={submit}>
          <DialogBody>
            <DialogTitle>Create a resource group</DialogTitle>
            <DialogContent className={styles.content}>
              <span>It is created at once, also if you do not finish this form.</span>
              <Field label="Name" required validationMessage={refusal ?? undefined}>
                <Input
                  value={name}
                  onChange={(_, data) => {
                    setName(data.value)
                    setRefusal(null)
                  }}
                  autoComplete="off"
                  maxLength={90}
                />
              </Field>
              <Field label="Region" required hint="Where its metadata is kept; resources in it may be elsewhere.">
                <Select value={location} onChange={(_, data) => setLocation(data.value)}>
                  {REGIONS.filter((r) => !r.restricted).map((r) => (
                    <option key={r.name} value={r.name}>
                      {r.displayName}
                    </option>
                  ))}
                </Select>
              </Field>
            </DialogContent>
            <DialogActions>
              <Button type="submit" appearance="primary" disabledFocusable={!name.trim() || busy}>
                OK
              </Button>
              <Button onClick={props.onClose}>Cancel</Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
