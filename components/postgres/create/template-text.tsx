'use client'
import { Button, makeStyles, Tab, TabList, Text, tokens } from '@fluentui/react-components'
import { ArrowDownloadRegular } from '@fluentui/react-icons/svg/arrow-download'
import { useState } from 'react'
import { CopyButton } from '@/components/ui/copy-button'
import type { CreateServerInput } from '@/server/postgres/contract'
import { armTemplate, cliText, type EntraAdministrator } from './arm-template'
import { bicepText } from './bicep-text'
import { terraformText } from './terraform-text'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalS, minWidth: 0 },
  bar: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  pre: { margin: 0, fontFamily: 'inherit' },
  code: {
    padding: tokens.spacingHorizontalM,
    overflow: 'auto',
    maxHeight: '60vh',
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
  },
})

const KINDS = [
  {
    ...{ id: 'arm', label: 'ARM template', file: 'template.json', type: 'application/json', write: armTemplate },
    note: 'The administrator’s password is a secure parameter: it is asked for when the template is deployed.',
  },
  {
    ...{ id: 'bicep', label: 'Bicep', file: 'main.bicep', type: 'text/plain', write: bicepText },
    note: 'The administrator’s password is a secure parameter: it is asked for when the file is deployed.',
  },
  {
    ...{ id: 'terraform', label: 'Terraform', file: 'main.tf', type: 'text/plain', write: terraformText },
    note: 'The administrator’s password is a sensitive variable. Networks and zones that it names stand in files of your own.',
  },
  {
    ...{ id: 'cli', label: 'Azure CLI', file: 'create-server.sh', type: 'text/x-shellscript', write: cliText },
    note: 'The administrator’s password is read from the variable ADMIN_PASSWORD.',
  },
] as const

/** The request for use outside this portal: as templates and as commands. None holds a secret. */
export function TemplateText(props: { input: CreateServerInput; administrator: EntraAdministrator }) {
  const styles = useStyles()
  const [kind, setKind] = useState<(typeof KINDS)[number]>(KINDS[0])
  const text = kind.write(props.input, props.administrator)
  return (
    <div className={styles.root}>
      <div className={styles.bar}>
        <TabList
          size="small"
          selectedValue={kind.id}
          onTabSelect={(_, data) => setKind(KINDS.find((k) => k.id === data.value) ?? KINDS[0])}
        >
          {KINDS.map((k) => (
            <Tab key={k.id} value={k.id}>
              {k.label}
            </Tab>
          ))}
        </TabList>
        <Button
          as="a"
          size="small"
          appearance="subtle"
          icon={<ArrowDownloadRegular />}
          href={`data:${kind.type};charset=utf-8,${encodeURIComponent(text)}`}
          download={kind.file}
        >
          Download
        </Button>
        <CopyButton value={text} label={`Copy ${kind.label}`} />
      </div>
      <Text>{kind.note}</Text>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard. */}
      <section className={styles.code} tabIndex={0} aria-label={kind.label}>
        <pre className={styles.pre}>{text}</pre>
      </section>
    </div>
  )
}
