'use client'
import { Field, Input, MessageBar, MessageBarBody, Radio, RadioGroup, Textarea } from '@fluentui/react-components'
import { useState } from 'react'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Pane } from '@/components/ui/pane'
import { PaneFooter } from '@/components/ui/pane-footer'
import { useAction } from '@/components/ui/use-action'
import { saveLock } from '@/server/actions/locks'
import { LOCK_LEVELS, setLockInput } from '@/server/identity/contract'
import type { LocksView } from '@/server/queries/locks'
import { LEVEL_EFFECTS, LEVEL_LABELS } from './lock-levels'

type Lock = LocksView['locks'][number]

/** Puts a lock on the scope of the page, or changes one of its own. `lock` is null for a new one. */
export function LockPane({ view, lock, onClose }: { view: LocksView; lock: Lock | null; onClose: () => void }) {
  const [name, setName] = useState(lock?.name ?? '')
  const [level, setLevel] = useState<Lock['level']>(lock?.level ?? 'CanNotDelete')
  const [notes, setNotes] = useState(lock?.notes ?? '')
  const [refusal, setRefusal] = useState<string | null>(null)
  const { run, busy } = useAction(saveLock, {
    progress: `Setting the lock ${name}`,
    success: `The lock ${name} is set`,
    failure: `The lock ${name} was not set`,
    invalidate: [['identity'], ['keys'], ['servers'], ['resources']],
  })
  const input = { scope: view.scope, name: name.trim(), level, notes }
  const fault = faultOf(input, view, lock)
  const save = async () => {
    const result = await run(input)
    if (result.ok) onClose()
    else setRefusal(result.message)
  }
  return (
    <Pane
      open
      onClose={onClose}
      title={lock ? 'Edit lock' : 'Add lock'}
      footer={
        <PaneFooter
          permission={view.permissions.write}
          disabledReason={busy ? 'It is being set.' : fault}
          onClick={() => void save()}
          onClose={onClose}
        >
          Save
        </PaneFooter>
      }
    >
      {refusal && <MessageBar intent="error">{refusal}</MessageBar>}
      <FieldWithInfo label="Lock name" required error={name && fault} info="It cannot be changed later.">
        <Input value={name} disabled={lock !== null} autoComplete="off" onChange={(_, data) => setName(data.value)} />
      </FieldWithInfo>
      <Field label="Lock type" hint={LEVEL_EFFECTS[level]}>
        <RadioGroup value={level} onChange={(_, data) => setLevel(data.value as Lock['level'])}>
          {LOCK_LEVELS.map((each) => (
            <Radio key={each} value={each} label={LEVEL_LABELS[each]} />
          ))}
        </RadioGroup>
      </Field>
      <Field label="Notes" hint="Why it is here, for whoever wants to delete it.">
        <Textarea value={notes} onChange={(_, data) => setNotes(data.value)} maxLength={512} />
      </Field>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          A lock holds for management alone, whatever somebody’s role. It does not touch the data plane: keys can be
          used, disabled and deleted, servers keep theirs, databases take connections.
        </MessageBarBody>
      </MessageBar>
    </Pane>
  )
}

function faultOf(input: { name: string }, view: LocksView, lock: Lock | null): string | null {
  if (!input.name) return 'Name the lock.'
  const parsed = setLockInput.safeParse(input)
  if (!parsed.success) return parsed.error.issues[0]!.message
  const taken = view.locks.some((l) => !l.inherited && l.name.toLowerCase() === input.name.toLowerCase())
  return taken && !lock ? 'There is a lock of this name here: edit that one.' : null
}
