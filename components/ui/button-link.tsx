'use client'
import { Button, type ButtonProps } from '@fluentui/react-components'
import { useRouter } from 'next/navigation'
import type { MouseEvent, ReactNode } from 'react'

/** A link that looks like a button; opens in a new tab as any link does when a modifier key is held. */
export function ButtonLink(props: {
  href: string
  children: ReactNode
  icon?: ButtonProps['icon']
  appearance?: ButtonProps['appearance']
  size?: ButtonProps['size']
  className?: string
}) {
  const { href, children, ...look } = props
  const router = useRouter()
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    router.push(href)
  }
  return (
    <Button as="a" href={href} onClick={follow} {...look}>
      {children}
    </Button>
  )
}
