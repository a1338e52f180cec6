'use client'
import { Button, Input, makeStyles, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'

const useStyles = makeStyles({
  rules: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalS },
  rule: { display: 'flex', columnGap: tokens.spacingHorizontalS },
  tools: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  input: { flexGrow: 1 },
})

/** The addresses that a firewall lets in, row by row. */
export function IpRules(props: { rules: string[]; clientAddress: string; onChange: (rules: string[]) => void }) {
  const styles = useStyles()
  const { rules, clientAddress, onChange } = props
  return (
    <div className={styles.rules}>
      {rules.map((rule, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rules have no id; a rule being typed must keep its box.
        <div key={i} className={styles.rule}>
          <Input
            className={styles.input}
            aria-label={`IP rule ${i + 1}`}
            placeholder="203.0.113.7 or 203.0.113.0/24"
            value={rule}
            onChange={(_, data) => onChange(rules.with(i, data.value))}
            autoComplete="off"
          />
          <Button
            appearance="subtle"
            icon={<DeleteRegular />}
            aria-label={`Remove IP rule ${i + 1}`}
            onClick={() => onChange(rules.toSpliced(i, 1))}
          />
        </div>
      ))}
      <div className={styles.tools}>
        <Button appearance="subtle" icon={<AddRegular />} onClick={() => onChange([...rules, ''])}>
          Add an IP rule
        </Button>
        <Button appearance="subtle" icon={<AddRegular />} onClick={() => onChange([...rules, clientAddress])}>
          Add your client IP address ({clientAddress})
        </Button>
      </div>
    </div>
  )
}
