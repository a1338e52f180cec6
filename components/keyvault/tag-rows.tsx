'use client'
import { Button, Input, makeStyles, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'

const useStyles = makeStyles({
  rows: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalS, alignItems: 'start' },
  row: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
})

export type TagRow = { name: string; value: string }

/** Names and values, row by row. */
export function TagRows({ tags, onChange }: { tags: TagRow[]; onChange: (tags: TagRow[]) => void }) {
  const styles = useStyles()
  const set = (i: number, patch: Partial<TagRow>) => onChange(tags.with(i, { ...tags[i]!, ...patch }))
  return (
    <div className={styles.rows}>
      {tags.map((tag, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row being typed must keep its boxes.
        <div key={i} className={styles.row}>
          <Input
            aria-label={`Name of tag ${i + 1}`}
            placeholder="Name"
            value={tag.name}
            onChange={(_, data) => set(i, { name: data.value })}
          />
          <Input
            aria-label={`Value of tag ${i + 1}`}
            placeholder="Value"
            value={tag.value}
            onChange={(_, data) => set(i, { value: data.value })}
          />
          <Button
            appearance="subtle"
            icon={<DeleteRegular />}
            aria-label={`Remove tag ${i + 1}`}
            onClick={() => onChange(tags.toSpliced(i, 1))}
          />
        </div>
      ))}
      <Button appearance="subtle" icon={<AddRegular />} onClick={() => onChange([...tags, { name: '', value: '' }])}>
        Add a tag
      </Button>
    </div>
  )
}
