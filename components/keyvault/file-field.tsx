'use client'
import { Field } from '@fluentui/react-components'
import { useId, useState } from 'react'

export type ChosenFile = { name: string; base64: string }

const MAX_BYTES = 4_000_000

/** A file of the person's machine, read in the browser. */
export function FileField(props: {
  label: string
  accept: string
  hint: string
  error?: string
  onFile: (file: ChosenFile | null) => void
}) {
  const id = useId()
  const [tooLarge, setTooLarge] = useState(false)
  const choose = async (file: File | undefined) => {
    setTooLarge(!!file && file.size > MAX_BYTES)
    props.onFile(file && file.size <= MAX_BYTES ? { name: file.name, base64: await toBase64(file) } : null)
  }
  return (
    <Field
      label={{ children: props.label, htmlFor: id }}
      hint={props.hint}
      required
      validationMessage={tooLarge ? 'The file is too large for a key.' : props.error}
    >
      <input id={id} type="file" accept={props.accept} onChange={(e) => void choose(e.currentTarget.files?.[0])} />
    </Field>
  )
}

/** The part of a data address behind its comma. */
const toBase64 = (file: File): Promise<string> =>
  new Promise((done, fail) => {
    const reader = new FileReader()
    reader.onload = () => done(String(reader.result).split(',')[1] ?? '')
    reader.onerror = () => fail(reader.error)
    reader.readAsDataURL(file)
  })
