'use client'
import { Button, Checkbox, Field, MessageBar, makeStyles, Select, Switch, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { Controller, useFieldArray, useForm } from 'react-hook-form'
import { ControlledInput } from '@/components/ui/controlled-input'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { useAction } from '@/components/ui/use-action'
import { keepAlertRule } from '@/server/actions/alerts'
import { ACTIVITY_FIELDS, type AlertRuleView, alertRuleInput, OPERATORS } from '@/server/alerts/contract'
import { SEVERITIES } from '@/server/alerts/model'
import { READY_MADE } from '@/server/alerts/model/ready-made'
import { METRICS } from '@/server/metrics/model'
import type { AlertSettings } from '@/server/queries/alerts'
import { Choices, scopeOptions } from './choices'
import { formOf, metricOf, type RuleForm, toRuleInput, withReadyMade } from './rule-draft'

const useStyles = makeStyles({
  row: {
    display: 'grid',
    gridTemplateColumns: '1fr 1fr auto',
    columnGap: tokens.spacingHorizontalS,
    alignItems: 'end',
  },
  pair: { display: 'grid', gridTemplateColumns: '1fr 1fr', gap: tokens.spacingHorizontalM },
  rows: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalS },
  add: { alignSelf: 'flex-start' },
})

/** Messages by the last name in their path, so that a field of the form finds its own. */
function faultsOf(input: unknown): Record<string, string> {
  const parsed = alertRuleInput.safeParse(input)
  if (parsed.success) return {}
  const faults: Record<string, string> = {}
  for (const { path, message } of parsed.error.issues) {
    const name = [...path].reverse().find((part) => typeof part === 'string') ?? 'form'
    faults[String(name)] ??= message
  }
  return faults
}

/** Creates or changes an alert rule. */
export function RulePane(props: { settings: AlertSettings; rule: AlertRuleView | null; onClose: () => void }) {
  const styles = useStyles()
  const { settings, rule, onClose } = props
  const form = useForm<RuleForm>({ defaultValues: formOf(rule, settings) })
  const { control, register, watch, reset, getValues } = form
  const tests = useFieldArray({ control, name: 'tests' })
  const [faults, setFaults] = useState<Record<string, string>>({})
  const { run, busy } = useAction(keepAlertRule, {
    progress: 'Saving the alert rule',
    success: 'The alert rule was saved',
    failure: 'The alert rule was not saved',
    invalidate: [['alerts']],
  })
  const kind = watch('kind')
  const metric = metricOf({ metric: watch('metric') })
  const place = settings.resourceGroups.find((g) => g.id === watch('groupId'))
  const save = form.handleSubmit(async (values) => {
    const input = toRuleInput(values, settings, rule)
    const found = faultsOf(input)
    setFaults(found)
    if (Object.keys(found).length) return
    const result = await run(input)
    if (result.ok) onClose()
    else setFaults({ form: result.message, ...result.fields })
  })
  return (
    <Pane
      open
      onClose={onClose}
      title={rule ? `Alert rule ${rule.name}` : 'Create an alert rule'}
      footer={
        <PaneFooter
          permission={rule?.permissions.write ?? place?.create.rule}
          disabledReason={busy ? 'It is being saved.' : null}
          onClick={() => void save()}
          onClose={onClose}
        >
          Save
        </PaneFooter>
      }
    >
      {(faults.form || faults.allOf) && <MessageBar intent="error">{faults.form ?? faults.allOf}</MessageBar>}
      {!rule && (
        <Field label="Start from a ready-made rule">
          <Select onChange={(_, data) => reset(withReadyMade(getValues(), data.value))}>
            <option value="">None</option>
            {READY_MADE.map((r) => (
              <option key={r.name}>{r.name}</option>
            ))}
          </Select>
        </Field>
      )}
      <Field label="Name" required validationMessage={faults.name}>
        <ControlledInput control={control} name="name" readOnly={rule !== null} />
      </Field>
      <Field label="Description" validationMessage={faults.description}>
        <ControlledInput control={control} name="description" lines />
      </Field>
      <div className={styles.pair}>
        <Field label="Severity">
          <Select {...register('severity')}>
            {SEVERITIES.map((name, i) => (
              <option key={name} value={i}>
                {i} - {name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Resource group" required validationMessage={faults.resourceGroup}>
          <Select {...register('groupId')} disabled={rule !== null}>
            {settings.resourceGroups.map((g) => (
              <option key={g.id} value={g.id}>
                {g.name}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      <Controller
        control={control}
        name="enabled"
        render={({ field }) => (
          <Switch label="Enabled" checked={field.value} onChange={(_, data) => field.onChange(data.checked)} />
        )}
      />
      <Choices
        legend="Watches"
        fault={faults.scopes}
        control={control}
        name="scopes"
        options={scopeOptions(settings, rule?.scopes)}
      />
      <Field label="Signal">
        <Select {...register('kind')} disabled={rule !== null}>
          <option value="ActivityLog">Activity log</option>
          <option value="Metric">Metric</option>
        </Select>
      </Field>
      {kind === 'ActivityLog' ? (
        <div className={styles.rows}>
          {tests.fields.map((field, i) => (
            <div key={field.id} className={styles.row}>
              <Field label={`Field of condition ${i + 1}`}>
                <ControlledInput control={control} name={`tests.${i}.field`} list="activity-fields" />
              </Field>
              <Field label={watch(`tests.${i}.field`) === 'description' ? 'Contains any of' : 'Equals'}>
                <ControlledInput control={control} name={`tests.${i}.value`} />
              </Field>
              <Button onClick={() => tests.remove(i)} aria-label={`Remove condition ${i + 1}`}>
                Remove
              </Button>
            </div>
          ))}
          <datalist id="activity-fields">
            {ACTIVITY_FIELDS.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <Button className={styles.add} onClick={() => tests.append({ field: 'operationName', value: '' })}>
            Add a condition
          </Button>
        </div>
      ) : (
        <>
          <Field label="Metric" required validationMessage={faults.metricName}>
            <Select {...register('metric')}>
              {METRICS.map((m) => (
                <option key={`${m.namespace}|${m.name}`} value={`${m.namespace}|${m.name}`}>
                  {m.namespace.split('/')[1]}: {m.displayName}
                </option>
              ))}
            </Select>
          </Field>
          <div className={styles.pair}>
            <Field label="Aggregation" validationMessage={faults.timeAggregation}>
              <Select {...register('aggregation')}>
                {(metric?.aggregations ?? []).map((a) => (
                  <option key={a}>{a}</option>
                ))}
              </Select>
            </Field>
            <Field label="Operator">
              <Select {...register('operator')}>
                {OPERATORS.map((o) => (
                  <option key={o}>{o}</option>
                ))}
              </Select>
            </Field>
            <Field label={`Threshold (${metric?.unit ?? ''})`} required validationMessage={faults.threshold}>
              <ControlledInput control={control} name="threshold" type="number" step="any" />
            </Field>
            <Field label="Window (minutes)" validationMessage={faults.windowMinutes}>
              <ControlledInput control={control} name="windowMinutes" type="number" />
            </Field>
            <Field label="Evaluated every (minutes)" validationMessage={faults.frequencyMinutes}>
              <ControlledInput control={control} name="frequencyMinutes" type="number" />
            </Field>
          </div>
          {metric && metric.dimensions.length > 0 && (
            <Controller
              control={control}
              name="split"
              render={({ field }) => (
                <Checkbox
                  label={`One alert for each ${metric.dimensions[0]}`}
                  checked={field.value}
                  onChange={(_, data) => field.onChange(data.checked === true)}
                />
              )}
            />
          )}
        </>
      )}
      <Choices
        legend="Tells"
        fault={faults.actionGroupIds}
        control={control}
        name="actionGroupIds"
        options={settings.groups.map((g) => ({ id: g.id, label: g.name }))}
      />
    </Pane>
  )
}
