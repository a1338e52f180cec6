'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { Fragment } from 'react'
import { pathOfKeyIdentifier } from '@/components/portal/paths'
import { AppLink } from './app-link'
import { CopyButton } from './copy-button'

const useStyles = makeStyles({
  text: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
})

/** A key identifier in monospace that breaks at its slashes, with a copy button; `link` leads to the key's page. */
export function KeyIdentifier({ uri, link = false, copy = true }: { uri: string; link?: boolean; copy?: boolean }) {
  const styles = useStyles()
  const parts = uri.split('/')
  const text = parts.map((part, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move.
    <Fragment key={i}>
      {part}
      {i < parts.length - 1 && '/'}
      {i >= 2 && <wbr />}
    </Fragment>
  ))
  const href = link ? pathOfKeyIdentifier(uri) : null
  return (
    <span>
      {href ? (
        <AppLink href={href} className={styles.text}>
          {text}
        </AppLink>
      ) : (
        <span className={styles.text}>{text}</span>
      )}
      {copy && <CopyButton value={uri} label="Copy key identifier" />}
    </span>
  )
}
