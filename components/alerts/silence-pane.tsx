'use client'
import { Field } from '@fluentui/react-components'
import { zodResolver } from '@hookform/resolvers/zod'
import { Controller, useForm } from 'react-hook-form'
import { InstantField } from '@/components/portal/instant-field'
import { ControlledInput } from '@/components/ui/controlled-input'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { useAction } from '@/components/ui/use-action'
import { keepSilence } from '@/server/actions/alerts'
import {
  type ProcessingRuleDraft,
  type ProcessingRuleInput,
  type ProcessingRuleView,
  processingRuleInput,
} from '@/server/alerts/contract'
import { SEVERITIES } from '@/server/alerts/model'
import type { AlertSettings } from '@/server/queries/alerts'
import { Choices, firstPlace, PlaceFields, placeOf, scopeOptions } from './choices'

function defaultsOf(rule: ProcessingRuleView | null, settings: AlertSettings): ProcessingRuleDraft {
  if (rule) {
    const { id: _id, createdAt: _at, permissions: _may, ...draft } = rule
    return draft
  }
  return {
    ...firstPlace(settings, 'silence'),
    ...{ name: '', description: '', enabled: true },
    ...{ scopes: [], severities: [], ruleIds: [], startsAt: null, endsAt: null },
  }
}

/** Creates or changes a rule that keeps action groups silent. */
export function SilencePane(props: { settings: AlertSettings; rule: ProcessingRuleView | null; onClose: () => void }) {
  const { settings, rule, onClose } = props
  const form = useForm<ProcessingRuleDraft, unknown, ProcessingRuleInput>({
    defaultValues: defaultsOf(rule, settings),
    resolver: zodResolver(processingRuleInput),
  })
  const { control, watch, formState } = form
  const { errors } = formState
  const { run, busy } = useAction(keepSilence, {
    progress: 'Saving the suppression rule',
    success: 'The suppression rule was saved',
    failure: 'The suppression rule was not saved',
    invalidate: [['alerts']],
  })
  const place = { subscriptionId: watch('subscriptionId'), resourceGroup: watch('resourceGroup') }
  const save = form.handleSubmit(async (values) => {
    const result = await run(values)
    if (result.ok) return onClose()
    for (const [field, message] of Object.entries(result.fields ?? {})) form.setError(field as 'name', { message })
  })
  return (
    <Pane
      open
      onClose={onClose}
      title={rule ? `Suppression rule ${rule.name}` : 'Create a suppression rule'}
      footer={
        <PaneFooter
          permission={rule?.permissions.write ?? placeOf(settings, place)?.create.silence}
          disabledReason={busy ? 'It is being saved.' : null}
          onClick={() => void save()}
          onClose={onClose}
        >
          Save
        </PaneFooter>
      }
    >
      <Field label="Name" required validationMessage={errors.name?.message}>
        <ControlledInput control={control} name="name" readOnly={rule !== null} />
      </Field>
      <Field label="Description" validationMessage={errors.description?.message}>
        <ControlledInput control={control} name="description" lines />
      </Field>
      <PlaceFields settings={settings} control={control} fixed={rule !== null} fault={errors.resourceGroup?.message} />
      <Choices
        legend="Alerts about"
        fault={errors.scopes?.message}
        control={control}
        name="scopes"
        options={scopeOptions(settings, rule?.scopes)}
      />
      <Choices
        legend="Only of these severities (none: all)"
        control={control}
        name="severities"
        options={SEVERITIES.map((name, id) => ({ id, label: `${id} - ${name}` }))}
      />
      <Choices
        legend="Only by these rules (none: all)"
        control={control}
        name="ruleIds"
        options={settings.rules.map(({ id, name }) => ({ id, label: name }))}
      />
      {WHEN.map(({ name, label, title, days }) => (
        <Controller
          key={name}
          control={control}
          name={name}
          render={({ field }) => (
            <InstantField
              label={label}
              name={title}
              value={field.value ?? null}
              onChange={field.onChange}
              suggestDays={days}
              error={errors[name]?.message}
            />
          )}
        />
      ))}
    </Pane>
  )
}

const WHEN = [
  { name: 'startsAt', label: 'Begin at an instant', title: 'Begin', days: 0 },
  { name: 'endsAt', label: 'End at an instant', title: 'End', days: 1 },
] as const
