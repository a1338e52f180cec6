'use client'
import { Caption1, Link, makeStyles, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { serverName } from '@/server/postgres/contract'
import { nameCheckQuery } from './create-query'
import { TextField, useField } from './fields'
import { useWizard } from './wizard-context'

const PAUSE_MS = 400

const useStyles = makeStyles({
  suggestions: { display: 'flex', columnGap: tokens.spacingHorizontalS, flexWrap: 'wrap', alignItems: 'baseline' },
})

/** The server's name, checked against all that exist while it is typed. */
export function ServerNameField() {
  const styles = useStyles()
  const { refuse } = useWizard()
  const { value: name, choose } = useField('basics.name')
  const settled = useSettled(name)
  const wellFormed = serverName.safeParse(settled).success
  const check = useQuery({ ...nameCheckQuery(settled), enabled: wellFormed, refetchInterval: false })
  const answer = settled === name && wellFormed ? check.data : undefined

  const refusal = answer && !answer.available ? (answer.reason ?? 'This name is not available.') : null
  useEffect(() => {
    if (answer) refuse('basics.name', refusal)
  }, [answer, refusal, refuse])

  const checking = wellFormed && (settled !== name || check.isFetching)
  return (
    <TextField
      path="basics.name"
      label="Server name"
      required
      info="Names the server for its whole life, also in the address that clients connect to. No two servers of this cloud can share a name."
      after=".postgres.localhost"
      pending={checking ? 'Checking the name…' : null}
      below={
        refusal && answer?.suggestions.length ? (
          <Caption1 className={styles.suggestions}>
            Free names:
            {answer.suggestions.map((suggestion) => (
              <Link key={suggestion} as="button" type="button" onClick={() => choose(suggestion)}>
                {suggestion}
              </Link>
            ))}
          </Caption1>
        ) : null
      }
    />
  )
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
