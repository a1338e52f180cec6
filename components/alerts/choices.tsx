'use client'
import { Checkbox, Field, MessageBar, makeStyles, Select, Switch } from '@fluentui/react-components'
import { type Control, Controller, type FieldPath, type FieldValues, useController } from 'react-hook-form'
import type { AlertSettings } from '@/server/queries/alerts'

const useStyles = makeStyles({
  group: { border: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column' },
})

type Option = { id: string | number; label: string }

/** What an alert rule or a suppression rule may be about: subscriptions, and whatever it is about already. */
export function scopeOptions(settings: AlertSettings, present: string[] = []): Option[] {
  const offered = settings.subscriptions.map((s) => ({ id: `/subscriptions/${s.id}`, label: s.name }))
  const others = present.filter((id) => !offered.some((o) => o.id === id))
  return [...offered, ...others.map((id) => ({ id, label: id.split('/').at(-1) ?? id }))]
}

/** Any of some things: a box for each, whose ids the form holds as a list. */
export function Choices<V extends FieldValues, T>(props: {
  legend: string
  fault?: string
  control: Control<V, unknown, T>
  name: FieldPath<V>
  options: Option[]
}) {
  const styles = useStyles()
  return (
    <fieldset className={styles.group}>
      <legend>{props.legend}</legend>
      {props.options.length === 0 && 'There is none yet.'}
      <Controller
        control={props.control}
        name={props.name}
        render={({ field }) => {
          const chosen = (field.value ?? []) as Option['id'][]
          return (
            <>
              {props.options.map(({ id, label }) => (
                <Checkbox
                  key={id}
                  label={label}
                  checked={chosen.includes(id)}
                  onChange={(_, data) =>
                    field.onChange(data.checked ? [...chosen, id] : chosen.filter((v) => v !== id))
                  }
                />
              ))}
            </>
          )
        }}
      />
      {props.fault && <MessageBar intent="error">{props.fault}</MessageBar>}
    </fieldset>
  )
}

type Place = { subscriptionId: string; resourceGroup: string }

/** Where something of alerts lies, fixed once it is there, and whether it is at work. */
export function PlaceFields<V extends FieldValues, T>(props: {
  settings: AlertSettings
  control: Control<V, unknown, T>
  fixed: boolean
  fault?: string
}) {
  const { settings, control } = props
  const subscription = useController({ control, name: 'subscriptionId' as FieldPath<V> }).field
  const group = useController({ control, name: 'resourceGroup' as FieldPath<V> }).field
  const place = placeOf(settings, { subscriptionId: subscription.value, resourceGroup: group.value })
  return (
    <>
      <Field label="Resource group" required validationMessage={props.fault}>
        <Select
          disabled={props.fixed}
          value={place?.id ?? ''}
          onChange={(_, data) => {
            const next = settings.resourceGroups.find((g) => g.id === data.value)
            subscription.onChange(next?.subscriptionId ?? '')
            group.onChange(next?.name ?? '')
          }}
        >
          {settings.resourceGroups.map((g) => (
            <option key={g.id} value={g.id}>
              {g.name}
            </option>
          ))}
        </Select>
      </Field>
      <Controller
        control={control}
        name={'enabled' as FieldPath<V>}
        render={({ field }) => (
          <Switch label="Enabled" checked={field.value ?? true} onChange={(_, data) => field.onChange(data.checked)} />
        )}
      />
    </>
  )
}

export const placeOf = (settings: AlertSettings, { subscriptionId, resourceGroup }: Place) =>
  settings.resourceGroups.find((g) => g.subscriptionId === subscriptionId && g.name === resourceGroup)

/** Where something new goes unless another place is chosen: the first in which the person may make it. */
export function firstPlace(settings: AlertSettings, kind: 'rule' | 'group' | 'silence'): Place {
  const place = settings.resourceGroups.find((g) => g.create[kind].allowed) ?? settings.resourceGroups[0]
  return { subscriptionId: place?.subscriptionId ?? '', resourceGroup: place?.name ?? '' }
}
