'use client'
import { useQuery } from '@tanstack/react-query'
import { resourcesQuery } from '@/components/portal/shell-query'
import { AppLink } from '@/components/ui/app-link'
import { sameId } from '@/server/kernel/resource-id'
import { describeScope } from './scope-text'

/** A scope by what it is and its name, leading to its page, or `to` another page about it. */
export function ScopeLink({ scope, to }: { scope: string; to?: (scope: string) => string }) {
  const { kind, name, ...own } = describeScope(scope)
  const href = to ? to(scope) : own.href
  const { data: resources } = useQuery({ ...resourcesQuery, enabled: kind === 'Subscription' })
  // A scope holds a subscription's id; people know it by its name.
  const subscription = resources?.find((r) => kind === 'Subscription' && sameId(r.subscriptionId, name))
  return (
    <span title={scope}>
      {kind}: <AppLink href={href}>{subscription?.subscriptionName ?? name}</AppLink>
    </span>
  )
}
