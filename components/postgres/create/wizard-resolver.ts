import { zodResolver } from '@hookform/resolvers/zod'
import { type FieldErrors, get, type Resolver, set } from 'react-hook-form'
import { createServerInput } from '@/server/postgres/contract'
import { toInput, type WizardValues } from './wizard-values'

/** What the server said about one value of one field; it holds for as long as the field has that value. */
export type Refusal = { path: string; value: unknown; message: string }

const byContract = zodResolver(createServerInput)

/** The contract's verdict on what would be sent, the second password, and what the server has refused before. */
export function wizardResolver(refusals: () => readonly Refusal[]): Resolver<WizardValues> {
  return async (values, context, options) => {
    const judged = await byContract(toInput(values), context, options as unknown as Parameters<typeof byContract>[2])
    const errors: FieldErrors<WizardValues> = { ...(judged.errors as FieldErrors<WizardValues>) }
    const add = (path: string, message: string) => {
      if (!get(errors, path)) set(errors, path, { type: 'custom', message })
    }
    const { method, password } = values.basics.authentication
    if (method !== 'EntraOnly' && values.confirmPassword !== password) {
      add('confirmPassword', 'The two passwords differ.')
    }
    for (const { path, value, message } of refusals()) {
      if (JSON.stringify(get(values, path)) === JSON.stringify(value)) add(path, message)
    }
    return Object.keys(errors).length ? { values: {}, errors } : { values, errors: {} }
  }
}

/** Every message by its dotted path. */
export function flattenErrors(errors: FieldErrors<WizardValues>): Record<string, string> {
  const found: Record<string, string> = {}
  const visit = (node: unknown, path: string) => {
    if (typeof node !== 'object' || node === null) return
    const { message, type } = node as { message?: unknown; type?: unknown }
    if (typeof message === 'string' && typeof type === 'string') {
      found[path.replace(/\.root$/, '')] = message
      return
    }
    for (const [key, child] of Object.entries(node)) if (key !== 'ref') visit(child, path ? `${path}.${key}` : key)
  }
  visit(errors, '')
  return found
}
