'use client'
import { Badge, Caption1, makeStyles, mergeClasses, Radio, RadioGroup, tokens } from '@fluentui/react-components'

const useStyles = makeStyles({
  item: {
    alignSelf: 'stretch',
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
  },
  picked: { backgroundColor: tokens.colorNeutralBackground1Selected },
  line: { display: 'block', color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
  title: { fontWeight: tokens.fontWeightSemibold, overflowWrap: 'anywhere' },
  badge: { marginLeft: tokens.spacingHorizontalS },
})

export type PickItem = { id: string; title: string; lines: string[]; badge?: string; disabledReason?: string | null }

/** One choice of a list whose entries need more than a word. */
export function PickList(props: {
  label: string
  items: PickItem[]
  selected: string | null
  onPick: (id: string) => void
}) {
  const styles = useStyles()
  return (
    <RadioGroup aria-label={props.label} value={props.selected ?? ''} onChange={(_, data) => props.onPick(data.value)}>
      {props.items.map((item) => (
        <div key={item.id} className={mergeClasses(styles.item, item.id === props.selected && styles.picked)}>
          <Radio
            value={item.id}
            disabled={!!item.disabledReason}
            label={
              <>
                <span className={styles.title}>{item.title}</span>
                {item.badge && (
                  <Badge className={styles.badge} appearance="tint" color="brand" size="small">
                    {item.badge}
                  </Badge>
                )}
                {[...item.lines, ...(item.disabledReason ? [item.disabledReason] : [])].map((line) => (
                  <Caption1 key={line} className={styles.line}>
                    {line}
                  </Caption1>
                ))}
              </>
            }
          />
        </div>
      ))}
    </RadioGroup>
  )
}
