'use client'
import {
  Button,
  Field,
  Input,
  Link,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { type FormEvent, useState } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import { activateHsm } from '@/server/actions/hsms'
import { activationInput, MAX_HOLDERS, MIN_HOLDERS } from '@/server/managed-hsm/contract'
import type { HsmPage } from '@/server/queries/hsms'
import { makeHolderKeys } from './holder-keys'
import { HsmFrame } from './hsm-frame'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '760px' },
  text: { margin: 0 },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  pem: { '& textarea': { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 } },
})

export function HsmActivation({ name }: { name: string }) {
  return <HsmFrame name={name}>{(page) => <Activation page={page} />}</HsmFrame>
}

function Activation({ page: { hsm, permissions } }: { page: HsmPage }) {
  const styles = useStyles()
  const [keys, setKeys] = useState<string[]>(['', '', ''])
  const [quorum, setQuorum] = useState(2)
  const [tried, setTried] = useState(false)
  const [domain, setDomain] = useState<string | null>(null)
  const { run, busy } = useAction(activateHsm, {
    progress: `Downloading the security domain of ${hsm.name}`,
    success: `${hsm.name} is active`,
    failure: `The security domain of ${hsm.name} was not downloaded`,
    invalidate: [['keys'], ['identity'], ['servers'], ['resources']],
  })
  const activation = { publicKeys: keys.map((k) => k.trim()), quorum }
  const parsed = activationInput.safeParse(activation)
  const fault = parsed.success ? null : parsed.error.issues[0]!.message
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (fault || busy) return
    const result = await run({ id: hsm.id, activation })
    if (result.ok) setDomain(result.data.securityDomain)
  }
  return (
    <Section title="Security domain">
      <p className={styles.text}>
        The security domain is what restores this HSM after a disaster. Downloading it activates the HSM. It is wrapped
        to the RSA public keys of at least {MIN_HOLDERS} holders, of whom a quorum together can open it.
        {hsm.activated &&
          ' This HSM is active; downloading again wraps a new domain to other holders and changes no key.'}
      </p>
      {domain ? (
        <Downloaded name={hsm.name} domain={domain} />
      ) : (
        <form className={styles.form} onSubmit={submit} aria-label="Download the security domain">
          {keys.map((key, i) => (
            <Field
              // biome-ignore lint/suspicious/noArrayIndexKey: holders have no id; a key being typed must keep its box.
              key={i}
              label={`Public key or certificate of holder ${i + 1} (PEM)`}
              required
            >
              <Textarea
                className={styles.pem}
                rows={3}
                value={key}
                placeholder="-----BEGIN PUBLIC KEY-----"
                onChange={(_, data) => setKeys(keys.with(i, data.value))}
              />
            </Field>
          ))}
          <div className={styles.buttons}>
            <PermissionButton
              disabledReason={keys.length < MAX_HOLDERS ? null : `There are at most ${MAX_HOLDERS} holders.`}
              onClick={() => setKeys([...keys, ''])}
            >
              Add a holder
            </PermissionButton>
            <PermissionButton
              disabledReason={keys.length > MIN_HOLDERS ? null : `There are at least ${MIN_HOLDERS} holders.`}
              onClick={() => setKeys(keys.slice(0, -1))}
            >
              Remove the last holder
            </PermissionButton>
            <Button onClick={() => void makeHolderKeys(hsm.name, keys.length).then(setKeys)}>
              Make practice keys in this browser
            </Button>
          </div>
          <Field label="Quorum" required hint={`2 to ${keys.length}`}>
            <Input
              type="number"
              min={2}
              max={keys.length}
              value={String(quorum)}
              onChange={(_, data) => setQuorum(Math.trunc(Number(data.value)))}
            />
          </Field>
          {tried && fault && <MessageBar intent="error">{fault}</MessageBar>}
          <div>
            <PermissionButton
              type="submit"
              appearance="primary"
              permission={permissions.activate}
              disabledReason={busy ? 'It is being downloaded.' : null}
            >
              {hsm.activated ? 'Download again' : 'Download and activate'}
            </PermissionButton>
          </div>
        </form>
      )}
    </Section>
  )
}

function Downloaded({ name, domain }: { name: string; domain: string }) {
  const href = `data:application/json;charset=utf-8,${encodeURIComponent(domain)}`
  return (
    <MessageBar intent="success" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>The security domain was made.</MessageBarTitle> Keep it apart from the holders’ private keys.
        It is not shown again.{' '}
        <Link href={href} download={`${name}-security-domain.json`} inline>
          Save the security domain
        </Link>
      </MessageBarBody>
    </MessageBar>
  )
}
