'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { Instant } from '@/components/portal/instant'
import { Essentials } from '@/components/ui/essentials'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { Panel, Section } from '@/components/ui/section'
import type { KeyUseView } from '@/server/postgres/contract'
import { KeyStatus } from './key-status'

const useStyles = makeStyles({
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
})

/** The server's data key as it lies at rest: wrapped, and of no use without the key in the store. */
export function EnvelopeCard({ title, use }: { title: string; use: KeyUseView }) {
  const styles = useStyles()
  const { wrappedByKid, wrappedAt, wrappedPreview } = use
  return (
    <Section title={title}>
      <Panel>
        <Essentials
          items={[
            { label: 'Key status', value: <KeyStatus status={use.status} /> },
            { label: 'Wrapped by', value: wrappedByKid && <KeyIdentifier uri={wrappedByKid} /> },
            { label: 'Algorithm', value: use.algorithm },
            { label: 'Envelope number', value: use.envelopeSequence },
            { label: 'Wrapped at', value: wrappedAt && <Instant at={wrappedAt} seconds /> },
            {
              label: 'Wrapped data key',
              value: wrappedPreview && <code className={styles.mono}>{spaced(wrappedPreview)} …</code>,
            },
            { label: 'Key check value', value: <code className={styles.mono}>{use.keyCheckValue}</code> },
          ]}
        />
      </Panel>
    </Section>
  )
}

const spaced = (hex: string): string => hex.replace(/(..)(?=.)/g, '$1 ')
