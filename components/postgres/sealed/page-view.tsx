'use client'
import {
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  ProgressBar,
  Switch,
  tokens,
} from '@fluentui/react-components'
import { useMemo, useRef } from 'react'
import { Essentials } from '@/components/ui/essentials'
import { Panel } from '@/components/ui/section'
import { useUrlState } from '@/components/ui/use-url-state'
import type { OpeningRefusal, SealedPageView } from '@/server/postgres/contract'
import { bytesOf, entropyOf, hexLine, shownLines, tweakOf } from './hex'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, minWidth: 0 },
  sides: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 460px), 1fr))',
    gap: tokens.spacingHorizontalM,
  },
  side: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXS, minWidth: 0 },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  dump: {
    height: '420px',
    overflow: 'auto',
    padding: tokens.spacingHorizontalM,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  pre: {
    margin: 0,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
  },
})

/** One page as it lies on the disk beside what PostgreSQL sees of it. */
export function PageView({ page }: { page: SealedPageView }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const all = params.get('lines') === 'all'
  const sealed = useMemo(() => bytesOf(page.sealed), [page.sealed])
  const opened = useMemo(() => (page.opened === null ? null : bytesOf(page.opened)), [page.opened])
  const lines = useMemo(() => shownLines(opened, sealed.length, all), [opened, sealed, all])
  const dumps = useRef<(HTMLElement | null)[]>([])
  const follow = (from: number) => {
    const [source, other] = [dumps.current[from], dumps.current[1 - from]]
    if (source && other && other.scrollTop !== source.scrollTop) other.scrollTop = source.scrollTop
  }
  const side = (index: number, title: string, bytes: Uint8Array) => (
    <div className={styles.side}>
      <h3 className={styles.heading}>{title}</h3>
      <Entropy bytes={bytes} label={title} />
      <section
        className={styles.dump}
        aria-label={`${title}, as hex`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard.
        tabIndex={0}
        ref={(element) => {
          dumps.current[index] = element
        }}
        onScroll={() => follow(index)}
      >
        <pre className={styles.pre}>{lines.map((line) => hexLine(bytes, line)).join('\n')}</pre>
      </section>
    </div>
  )
  return (
    <div className={styles.root}>
      <Panel>
        <Essentials
          items={[
            { label: 'File', value: page.file, copy: page.file },
            { label: 'File id', value: page.fileId, copy: page.fileId },
            { label: 'Page', value: `${page.page + 1} of ${page.pages}, ${sealed.length} bytes` },
            { label: 'Tweak', value: tweakOf(page.page) },
            { label: 'Cipher', value: `AES-256-XTS, keys derived for this file; format ${page.formatVersion}` },
          ]}
        />
      </Panel>
      <Switch
        label="Show empty space too"
        checked={all}
        onChange={(_, data) => change({ lines: data.checked ? 'all' : null })}
      />
      <div className={styles.sides}>
        {opened ? side(0, 'Opened, as PostgreSQL sees it', opened) : <Refused refusal={page.refusal} />}
        {side(1, 'Sealed, as it lies on the disk', sealed)}
      </div>
    </div>
  )
}

/** Why nothing was opened, in the words of identity or key store. */
export function Refused({ refusal }: { refusal: OpeningRefusal | null }) {
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>Nothing could be opened: {refusal?.code}</MessageBarTitle>
        {refusal?.message} Without the key the sealed bytes are all that there is.
      </MessageBarBody>
    </MessageBar>
  )
}

function Entropy({ bytes, label }: { bytes: Uint8Array; label: string }) {
  const bits = entropyOf(bytes)
  return (
    <div>
      <span>{bits.toFixed(2)} of 8 bits of entropy in a byte</span>
      <ProgressBar value={bits / 8} thickness="large" aria-label={`Entropy: ${label}`} />
    </div>
  )
}
