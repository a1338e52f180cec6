'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import Link from 'next/link'
import type { ComponentProps } from 'react'

const useStyles = makeStyles({
  link: {
    color: tokens.colorBrandForegroundLink,
    textDecorationLine: 'none',
    borderRadius: tokens.borderRadiusSmall,
    ':hover': { color: tokens.colorBrandForegroundLinkHover, textDecorationLine: 'underline' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
  },
  // Inside running text colour alone would not tell a link from its surroundings.
  inline: { textDecorationLine: 'underline' },
})

/** A link inside the portal, in Fluent's colours. `inline` underlines it, for use within a sentence. */
export function AppLink({ inline, className, ...props }: ComponentProps<typeof Link> & { inline?: boolean }) {
  const styles = useStyles()
  return <Link {...props} className={mergeClasses(styles.link, inline && styles.inline, className)} />
}
