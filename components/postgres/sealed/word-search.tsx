'use client'
import {
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Spinner,
  tokens,
} from '@fluentui/react-components'
import { SearchRegular } from '@fluentui/react-icons/svg/search'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { errorText, postJson } from '@/components/portal/api'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import type { SealedSearchView } from '@/server/postgres/contract'
import { Refused } from './page-view'

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', alignItems: 'end', gap: tokens.spacingHorizontalM },
  field: { flexGrow: 1, maxWidth: '420px', minWidth: '220px' },
  answer: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalS },
  text: { margin: 0 },
})

const SHORTEST = 4

/** Looks for a word of the person's own data in every byte that lies on the disk. */
export function WordSearch({ name }: { name: string }) {
  const styles = useStyles()
  const [word, setWord] = useState('')
  const search = useMutation({
    mutationFn: (wanted: string) =>
      postJson<SealedSearchView>(`servers/${encodeURIComponent(name)}/sealed/search`, { word: wanted }),
  })
  const reason = search.isPending
    ? 'The search is at work.'
    : word.length < SHORTEST
      ? `Give at least ${SHORTEST} characters: shorter words are found in any bytes by chance.`
      : null
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!reason) search.mutate(word)
  }
  return (
    <Section title="Search the raw files">
      <form className={styles.form} onSubmit={submit}>
        <Field label="A word of your own data" hint="It goes into no address and no log." className={styles.field}>
          <Input value={word} onChange={(_, data) => setWord(data.value)} autoComplete="off" spellCheck={false} />
        </Field>
        <PermissionButton
          type="submit"
          appearance="primary"
          icon={search.isPending ? <Spinner size="tiny" /> : <SearchRegular />}
          disabledReason={reason}
        >
          Search every byte
        </PermissionButton>
      </form>
      <div className={styles.answer} aria-live="polite">
        {search.error && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{errorText(search.error)}</MessageBarBody>
          </MessageBar>
        )}
        {search.data && <Found found={search.data} word={search.variables ?? ''} />}
      </div>
    </Section>
  )
}

const times = (n: number): string => (n === 1 ? '1 time' : `${n.toLocaleString('en')} times`)

function Found({ found, word }: { found: SealedSearchView; word: string }) {
  const styles = useStyles()
  const opened = found.opened?.reduce((sum, kind) => sum + kind.matches, 0) ?? null
  return (
    <>
      <MessageBar intent={found.raw === 0 ? 'success' : 'error'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>On the disk: {times(found.raw)}</MessageBarTitle>
          All {found.bytes.toLocaleString('en')} bytes of {found.files.toLocaleString('en')} files were read for “{word}
          ”.
          {found.raw > 0 && ` It lies in the clear in ${found.rawFiles.join(', ')}.`}
        </MessageBarBody>
      </MessageBar>
      {opened === null ? (
        <Refused refusal={found.refusal} />
      ) : (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>Opened with the data key: {times(opened)}</MessageBarTitle>
            {opened === 0
              ? 'It is not in the data either, or it is stored compressed.'
              : found.opened?.map((kind) => `${kind.kind}: ${times(kind.matches)}`).join('; ')}
          </MessageBarBody>
        </MessageBar>
      )}
      <p className={styles.text}>
        Not sealed, and without anything of the databases: {found.unsealed.join(', ') || 'no file'}.
      </p>
    </>
  )
}
