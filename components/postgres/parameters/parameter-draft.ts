import {
  canonicalValue,
  type ParameterView,
  parameterProblem,
  type SetParametersInput,
} from '@/server/postgres/contract'

/** What was changed and not saved yet, by name; null is the default. */
export type Draft = Record<string, string | null>

export const SHOWS = ['All', 'Modified', 'Static', 'Dynamic', 'Read-only'] as const
export type Show = (typeof SHOWS)[number]

export function isShown({ source, dynamic, readOnlyReason }: ParameterView, show: Show): boolean {
  if (show === 'Modified') return source === 'user-override'
  if (show === 'Read-only') return readOnlyReason !== null
  return show === 'All' || (readOnlyReason === null && dynamic === (show === 'Dynamic'))
}

/** The value in the box: the drafted one before the server's. */
export const draftedValue = (parameter: ParameterView, draft: Draft): string => {
  const drafted = draft[parameter.name]
  return drafted === undefined ? parameter.value : (drafted ?? parameter.defaultValue)
}

/** The draft after a parameter was given a value; what is as the server has it is no change. */
export function withValue(draft: Draft, parameter: ParameterView, value: string | null): Draft {
  const { [parameter.name]: _, ...others } = draft
  const same =
    value === null ? parameter.source === 'system-default' : canonicalValue(parameter, value) === parameter.value
  return same ? others : { ...others, [parameter.name]: value }
}

/** Faults that can be seen before PostgreSQL is asked, by name. */
export function faultsOf(parameters: ParameterView[], draft: Draft): Record<string, string> {
  const faults: Record<string, string> = {}
  for (const parameter of parameters) {
    const value = draft[parameter.name]
    const problem = typeof value === 'string' ? parameterProblem(parameter, value) : null
    if (problem) faults[parameter.name] = problem
  }
  return faults
}

export const toChanges = (draft: Draft): SetParametersInput['changes'] =>
  Object.entries(draft).map(([name, value]) => ({ name, value }))
