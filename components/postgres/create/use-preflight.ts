'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText } from '@/components/portal/api'
import type { RuleResult } from '@/server/postgres/contract'
import { type PreflightInput, preflightQuery } from './create-query'
import { type KeyRole, useWizardValues } from './wizard-context'
import { toInput, type WizardValues } from './wizard-values'

export type BrokenRule = RuleResult & { role: KeyRole }

export type Preflight = {
  /** Null while nothing was tested for the present choices. */
  rules: Record<KeyRole, RuleResult[] | null>
  /** Required rules that fail: with any of them the server is refused. */
  broken: BrokenRule[]
  /** Whether a required rule could not be checked. */
  open: boolean
  testing: boolean
  problem: string | null
  /** Why it cannot be tested now; null when it can. */
  notReady: string | null
  test(): void
}

/** The part of the form that decides what the access test finds. */
const inputOf = (values: WizardValues): PreflightInput => {
  const { basics, encryption } = toInput(values)
  const { subscriptionId, location, backup } = basics
  return { subscriptionId, location, geoRedundant: backup.geoRedundant, encryption }
}

/**
 * The access test of the present choices. It runs when asked, and by itself when `atOnce` (before Create), and again
 * whenever keys or roles change.
 */
export function usePreflight(errors: Record<string, string>, atOnce: boolean): Preflight {
  const values = useWizardValues()
  const input = inputOf(values)
  const query = preflightQuery(input)
  const key = JSON.stringify(query.queryKey)
  const [asked, setAsked] = useState<string | null>(null)
  const client = useQueryClient()

  const managed = input.encryption.type === 'AzureKeyVault'
  const notReady = managed ? incomplete(input, errors) : null
  const ready = managed && notReady === null
  const result = useQuery({ ...query, enabled: ready && (atOnce || asked === key) })
  const views = ready ? result.data : undefined
  const required = (status: RuleResult['status']): BrokenRule[] =>
    (views ?? []).flatMap(({ role, rules }) =>
      rules.filter((r) => r.severity === 'required' && r.status === status).map((rule) => ({ ...rule, role })),
    )
  const rulesOf = (role: KeyRole) => views?.find((view) => view.role === role)?.rules ?? null
  return {
    rules: { primary: rulesOf('primary'), geo: rulesOf('geo') },
    broken: required('fail'),
    open: required('unknown').length > 0,
    testing: ready && result.isFetching,
    problem: ready && !result.isFetching ? errorText(result.error) : null,
    notReady,
    test() {
      if (asked === key || atOnce) void client.refetchQueries({ queryKey: query.queryKey, exact: true })
      else setAsked(key)
    },
  }
}

function incomplete(input: PreflightInput, errors: Record<string, string>): string | null {
  if (!input.subscriptionId || !input.location) return 'Choose a subscription and a region on the tab Basics first.'
  const open = Object.keys(errors).some((path) => path.startsWith('encryption.'))
  return open ? 'Choose identity and key first.' : null
}
