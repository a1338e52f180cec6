'use client'
import { Field, MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components'
import { type FormEvent, useId, useState } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { beginRecovery, uploadDomain } from '@/server/actions/hsms'
import type { HsmPage } from '@/server/queries/hsms'
import { openWithHolders, readDomain, wrapFor } from './domain-ceremony'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '760px' },
  text: { margin: 0 },
})

const textsOf = (files: FileList | null): Promise<string[]> => Promise.all([...(files ?? [])].map((f) => f.text()))

/** Brings this pool into the security domain of a lost one. The holders' private keys stay in this browser. */
export function HsmRecovery({ page: { hsm, permissions } }: { page: HsmPage }) {
  const styles = useStyles()
  const domainId = useId()
  const keysId = useId()
  const [domain, setDomain] = useState('')
  const [keys, setKeys] = useState<string[]>([])
  const [fault, setFault] = useState<string | null>(null)
  const [working, setWorking] = useState(false)
  const begin = useAction(beginRecovery, {
    progress: `Asking ${hsm.name} for its exchange key`,
    success: null,
    failure: `${hsm.name} gave no exchange key`,
  })
  const upload = useAction(uploadDomain, {
    progress: `Uploading the security domain to ${hsm.name}`,
    success: `${hsm.name} is active`,
    failure: 'The security domain was not taken',
    invalidate: [['keys'], ['identity'], ['servers'], ['resources']],
  })
  const recover = async () => {
    const opened = await openWithHolders(readDomain(domain), keys)
    const exchange = await begin.run({ id: hsm.id })
    if (!exchange.ok) return
    await upload.run({ id: hsm.id, blob: await wrapFor(opened, exchange.data.exchangeCertificate) })
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setFault(null)
    setWorking(true)
    await recover().catch((error: Error) => setFault(error.message))
    setWorking(false)
  }
  const missing = !domain
    ? 'Choose the file of the security domain.'
    : keys.length === 0
      ? 'Choose the private keys of a quorum of holders.'
      : working
        ? 'It is being recovered.'
        : null
  return (
    <form className={styles.form} onSubmit={submit} aria-label="Recover from a security domain">
      <p className={styles.text}>
        A quorum of holders opens the security domain here, in this browser, and wraps it to the exchange key of{' '}
        {hsm.name}. Neither private keys nor the opened domain leave this page. Afterwards this HSM is active in the old
        domain.
      </p>
      <Field label={{ children: 'Security domain (JSON file)', htmlFor: domainId }} required>
        <input
          id={domainId}
          type="file"
          accept=".json,application/json"
          onChange={(e) => void textsOf(e.currentTarget.files).then(([text]) => setDomain(text ?? ''))}
        />
      </Field>
      <Field
        label={{ children: 'Private keys of a quorum of holders (PEM files)', htmlFor: keysId }}
        hint="Each holder brings the own file; unencrypted PKCS#8."
        required
      >
        <input
          id={keysId}
          type="file"
          multiple
          accept=".pem,.key"
          onChange={(e) => void textsOf(e.currentTarget.files).then(setKeys)}
        />
      </Field>
      {fault && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{fault}</MessageBarBody>
        </MessageBar>
      )}
      <div>
        <PermissionButton type="submit" appearance="primary" permission={permissions.activate} disabledReason={missing}>
          Recover and activate
        </PermissionButton>
      </div>
    </form>
  )
}
