'use client'
import { Input, MessageBar, makeStyles, tokens } from '@fluentui/react-components'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { type TagRow, TagRows } from '@/components/keyvault/tag-rows'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { createOptionsQuery } from '@/components/postgres/create/create-query'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import { createIdentity } from '@/server/actions/identities'
import type { CreateOptions } from '@/server/queries/create-options'
import { firstPlace, placeFaults } from './place-draft'
import { ProjectFields, RegionSelect } from './place-fields'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalL, maxWidth: '640px' },
  buttons: { display: 'flex', columnGap: tokens.spacingHorizontalS },
})

export function CreateIdentity() {
  const query = useQuery(createOptionsQuery)
  return (
    <Blade
      title="Create User Assigned Managed Identity"
      icon={KIND_ICONS.identity}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        { label: 'Managed identities', href: paths.identities() },
      ]}
    >
      <Loaded query={query} label="subscriptions and resource groups">
        {(options) => <Form options={options} />}
      </Loaded>
    </Blade>
  )
}

const NAME = /^[0-9a-zA-Z][0-9a-zA-Z_-]{2,127}$/
const NAME_RULE = 'Give 3 to 128 letters, digits, hyphens and underscores, starting with a letter or digit.'

function Form({ options }: { options: CreateOptions }) {
  const styles = useStyles()
  const router = useRouter()
  const [place, setPlace] = useState(() => firstPlace(options))
  const [name, setName] = useState('')
  const [tags, setTags] = useState<TagRow[]>([])
  const [tried, setTried] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const { run, busy } = useAction(createIdentity, {
    progress: `Creating identity ${name}`,
    success: `Identity ${name} was created`,
    failure: `Identity ${name} could not be created`,
    invalidate: [['identity'], ['resources']],
  })
  const faults = { ...placeFaults(place), ...(NAME.test(name) ? {} : { name: NAME_RULE }) }
  const shown: Partial<Record<string, string>> = tried ? faults : {}
  const group = options.resourceGroups.find(
    (g) => g.subscriptionId === place.subscriptionId && g.name === place.resourceGroup,
  )
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (busy || Object.keys(faults).length) return
    const named = tags.filter((t) => t.name)
    const result = await run({ ...place, name, tags: Object.fromEntries(named.map((t) => [t.name, t.value])) })
    if (result.ok) router.push(paths.identity(result.data.principalId))
    else setRefusal(result.message)
  }
  const fields = { options, place, onChange: setPlace, faults: shown }
  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-label="Create a managed identity">
      <Section title="Project details">
        <ProjectFields {...fields} />
      </Section>
      <Section title="Instance details">
        <RegionSelect
          {...fields}
          info="Best in the region of the server that will use it; the paired region’s key needs an identity of its own."
        />
        <FieldWithInfo label="Name" required error={shown.name}>
          <Input
            value={name}
            onChange={(_, data) => {
              setName(data.value)
              setRefusal(null)
            }}
            autoComplete="off"
            spellCheck={false}
          />
        </FieldWithInfo>
      </Section>
      <Section title="Tags">
        <TagRows tags={tags} onChange={setTags} />
      </Section>
      {refusal && <MessageBar intent="error">{refusal}</MessageBar>}
      <div className={styles.buttons}>
        <PermissionButton
          type="submit"
          appearance="primary"
          permission={group?.createIdentity}
          disabledReason={busy ? 'It is being created.' : null}
        >
          Create
        </PermissionButton>
        <ButtonLink href={paths.identities()}>Cancel</ButtonLink>
      </div>
    </form>
  )
}
