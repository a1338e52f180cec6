'use client'
import { Button, Text } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { Section } from '@/components/ui/section'
import { EditableGrid } from './editable-grid'
import { EMPTY_TAG } from './wizard-values'

export function TagsTab() {
  return (
    <Section title="Tags">
      <Text>
        Tags are names with values by which resources can be grouped across resource groups, for example for billing. A
        server takes up to 50.
      </Text>
      <EditableGrid
        name="tags"
        label="Tags"
        noun="tag"
        none="No tags."
        columns={[
          { key: 'name', label: 'Name', placeholder: 'environment' },
          { key: 'value', label: 'Value', placeholder: 'production' },
        ]}
        tools={(append) => (
          <Button appearance="subtle" icon={<AddRegular />} onClick={() => append(EMPTY_TAG)}>
            Add a tag
          </Button>
        )}
      />
    </Section>
  )
}
