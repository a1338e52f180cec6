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
  Radio,
  RadioGroup,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { type FormEvent, useId, useState } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import { useUrlState } from '@/components/ui/use-url-state'
import { activateHsm } from '@/server/actions/hsms'
import { activationInput, MAX_HOLDERS, MIN_HOLDERS } from '@/server/managed-hsm/contract'
import type { HsmPage } from '@/server/queries/hsms'
import { holdersIn } from './holder-files'
import { type HolderKey, makeHolderKeys } from './holder-keys'
import { HsmFrame } from './hsm-frame'
import { HsmRecovery } from './hsm-recovery'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '760px' },
  text: { margin: 0 },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  pem: { '& textarea': { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 } },
})

export function HsmActivation({ name }: { name: string }) {
  return <HsmFrame name={name}>{(page) => <Domain page={page} />}</HsmFrame>
}

/** A pool that was never active may also be brought into another pool's domain. */
function Domain({ page }: { page: HsmPage }) {
  const [params, change] = useUrlState()
  const recovering = !page.hsm.activated && params.get('way') === 'recover'
  return (
    <Section title="Security domain">
      {!page.hsm.activated && (
        <RadioGroup
          aria-label="Way of activation"
          value={recovering ? 'recover' : 'new'}
          onChange={(_, data) => change({ way: data.value === 'recover' ? 'recover' : null })}
        >
          <Radio value="new" label="Activate as a new HSM, with a new security domain" />
          <Radio value="recover" label="Recover from the security domain of another HSM" />
        </RadioGroup>
      )}
      {recovering ? <HsmRecovery page={page} /> : <Activation page={page} />}
    </Section>
  )
}

function Activation({ page: { hsm, permissions } }: { page: HsmPage }) {
  const styles = useStyles()
  const filesId = useId()
  const [keys, setKeys] = useState<string[]>(['', '', ''])
  const [practice, setPractice] = useState<HolderKey[]>([])
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
  const takePractice = (made: HolderKey[]) => {
    setPractice(made)
    setKeys(made.map((key) => key.certificate))
  }
  const takeFiles = async (files: FileList | null) =>
    setKeys(holdersIn(await Promise.all([...(files ?? [])].map((file) => file.text()))))
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (fault || busy) return
    const result = await run({ id: hsm.id, activation })
    if (result.ok) setDomain(result.data.securityDomain)
  }
  return (
    <>
      <p className={styles.text}>
        The security domain is what restores this HSM after a disaster. Downloading it activates the HSM. It is wrapped
        to the RSA public keys of at least {MIN_HOLDERS} holders, of whom a quorum together can open it.
        {hsm.activated &&
          ' This HSM is active; downloading again wraps a new domain to other holders and changes no key.'}
      </p>
      <PracticeKeys keys={practice} />
      {domain ? (
        <Downloaded name={hsm.name} domain={domain} />
      ) : (
        <form className={styles.form} onSubmit={submit} aria-label="Download the security domain">
          <Field
            label={{ children: 'Public keys of the holders (PEM files)', htmlFor: filesId }}
            hint="Fills the boxes below. A private key is never asked for, and never sent."
          >
            <input
              id={filesId}
              type="file"
              multiple
              accept=".pem,.cer,.crt,.pub"
              onChange={(e) => void takeFiles(e.currentTarget.files)}
            />
          </Field>
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
            <Button onClick={() => void makeHolderKeys(hsm.name, keys.length).then(takePractice)}>
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
    </>
  )
}

/** Private keys that were made here for practice: in this page's memory until it is left. */
function PracticeKeys({ keys }: { keys: HolderKey[] }) {
  if (keys.length === 0) return null
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>Private keys for practice.</MessageBarTitle> They were made in this browser, are sent nowhere
        and are gone when you leave this page. Let each holder save one:
        <ul>
          {keys.map((key, i) => (
            <li key={key.fileName}>
              <Link href={key.href} download={key.fileName} inline>
                Save the private key of holder {i + 1}
              </Link>
            </li>
          ))}
        </ul>
      </MessageBarBody>
    </MessageBar>
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
