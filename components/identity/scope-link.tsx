'use client'
import { AppLink } from '@/components/ui/app-link'
import { describeScope } from './scope-text'

/** A scope by what it is and its name, leading to its page, or `to` another page about it. */
export function ScopeLink({ scope, to }: { scope: string; to?: (scope: string) => string }) {
  const { kind, name, ...own } = describeScope(scope)
  const href = to ? to(scope) : own.href
  return (
    <span title={scope}>
      {kind}: <AppLink href={href}>{name}</AppLink>
    </span>
  )
}
