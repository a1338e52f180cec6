'use client'
import { Input, type InputProps, Textarea } from '@fluentui/react-components'
import { type Control, Controller, type FieldPath, type FieldValues } from 'react-hook-form'

type Props<V extends FieldValues, T> = Omit<InputProps, 'value' | 'onChange' | 'name' | 'type' | 'as'> & {
  control: Control<V, unknown, T>
  name: FieldPath<V>
  type?: 'text' | 'number' | 'url' | 'email'
  lines?: boolean
}

/** A text input of a form: Fluent's own keeps its text to itself, so that a form cannot fill it by reference. */
export function ControlledInput<V extends FieldValues, T>({ control, name, lines, ...rest }: Props<V, T>) {
  return (
    <Controller
      control={control}
      name={name}
      render={({ field }) => {
        const value = String(field.value ?? '')
        const labelled = { id: rest.id, 'aria-labelledby': rest['aria-labelledby'] }
        if (lines)
          return <Textarea {...labelled} value={value} onChange={(_, d) => field.onChange(d.value)} resize="vertical" />
        return <Input {...rest} value={value} onChange={(_, d) => field.onChange(d.value)} onBlur={field.onBlur} />
      }}
    />
  )
}
