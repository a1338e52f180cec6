'use client'
import { AppLink } from '@/components/ui/app-link'
import { describeScope } from './scope-text'

/** A scope by what it is and its name, leading to its page. */
export function ScopeLink({ scope }: { scope: string }) {
  const { kind, name, href } = describeScope(scope)
  return (
    <span title={scope}>
      {kind}: <AppLink href={href}>{name}</AppLink>
    </span>
  )
}
