'use client'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { get, type UseFormReturn, useForm, useFormState, useWatch } from 'react-hook-form'
import { isSizing, type TabId, tabOf } from './wizard-fields'
import { flattenErrors, type Refusal, wizardResolver } from './wizard-resolver'
import type { WizardValues } from './wizard-values'

/** A tab, the compute and storage pane, or everything. */
type Part = TabId | 'sizing' | 'all'

export type WizardForm = {
  form: UseFormReturn<WizardValues>
  /** False until the form has been validated for the first time: no errors mean nothing yet. */
  judged: boolean
  /** Every fault, by dotted path. */
  errors: Record<string, string>
  /** The fault of a field, once the person has been there or has asked for all. */
  visibleError(path: string): string | null
  visibleErrors: string[]
  /** Shows the faults of a part of the form, also of fields that nobody touched. */
  reveal(part: Part): void
  /** Remembers what the server said about the present value of a field; null takes it back. */
  refuse(path: string, message: string | null): void
  /** Every fault of what the form holds at this moment. */
  validate(): Promise<Record<string, string>>
}

/** The form and its faults: all of them are always known, and shown where the person has been. */
export function useWizardForm(initial: WizardValues, revealed: Part | null): WizardForm {
  const refusals = useRef<Refusal[]>([])
  const [resolver] = useState(() => wizardResolver(() => refusals.current))
  const form = useForm<WizardValues>({ defaultValues: initial, resolver, mode: 'onSubmit', reValidateMode: 'onSubmit' })
  const { errors: nested, touchedFields } = useFormState({ control: form.control })
  const [shown, setShown] = useState<Part[]>(revealed ? [revealed] : [])

  const values = useWatch({ control: form.control })
  const [judged, setJudged] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: any change of any value asks for a new verdict.
  useEffect(() => void form.trigger().then(() => setJudged(true)), [form, values])

  const errors = useMemo(() => flattenErrors(nested), [nested])
  const isVisible = (path: string) =>
    shown.includes('all') ||
    shown.includes(tabOf(path)) ||
    (shown.includes('sizing') && isSizing(path)) ||
    isTouched(touchedFields, path)
  const validate = useCallback(async () => {
    const verdict = await resolver(form.getValues(), undefined, { fields: {}, shouldUseNativeValidation: false })
    return flattenErrors(verdict.errors as Parameters<typeof flattenErrors>[0])
  }, [form, resolver])
  const refuse = useCallback(
    (path: string, message: string | null) => {
      const value = structuredClone(get(form.getValues(), path))
      refusals.current = refusals.current.filter((r) => r.path !== path)
      if (message) refusals.current.push({ path, value, message })
      void form.trigger()
    },
    [form],
  )
  const reveal = useCallback((part: Part) => setShown((s) => (s.includes(part) ? s : [...s, part])), [])

  return {
    form,
    judged,
    errors,
    visibleError: (path) => (errors[path] && isVisible(path) ? errors[path] : null),
    visibleErrors: Object.keys(errors).filter(isVisible),
    reveal,
    refuse,
    validate,
  }
}

/** Whether the field itself was touched (the table of touched fields nests as the values do). */
function isTouched(fields: object, path: string): boolean {
  return get(fields, path) === true
}
