'use client'
import { Combobox, makeStyles, Option, tokens } from '@fluentui/react-components'
import { SearchRegular } from '@fluentui/react-icons/svg/search'
import { skipToken, type UseQueryOptions, useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { bar } from '@/components/ui/theme'
import type { ResourceView } from '@/server/monitor/contract'
import { paths } from './paths'
import { hrefOfResourceView, KIND_LABELS } from './resource-kinds'
import { resourcesQuery } from './shell-query'

const SHOWN = 8

const LIST = resourcesQuery as UseQueryOptions<ResourceView[]>

/** Until the box is used: a query of its own, since an empty one under the key of the list would hide a page's data. */
const IDLE: UseQueryOptions<ResourceView[]> = { queryKey: ['search', 'idle'], queryFn: skipToken }

const useStyles = makeStyles({
  root: {
    width: '100%',
    minWidth: 0,
    backgroundColor: bar.field,
    borderTopColor: 'transparent',
    borderRightColor: 'transparent',
    borderBottomColor: 'transparent',
    borderLeftColor: 'transparent',
    '& input': { color: bar.foreground, minWidth: 0, width: '100%' },
    '& input::placeholder': { color: bar.muted },
    ':hover': { backgroundColor: bar.hover },
  },
  icon: { color: bar.muted, cursor: 'default' },
  kind: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, marginLeft: 'auto' },
  listbox: { maxHeight: '60vh' },
})

/** Jumps to a resource by its name, or to the list of all that match. */
export function SearchJump() {
  const styles = useStyles()
  const router = useRouter()
  const [text, setText] = useState('')
  const [touched, setTouched] = useState(false)
  const { data: resources = [] } = useQuery<ResourceView[]>(touched ? LIST : IDLE)
  const needle = text.trim().toLowerCase()
  const found = resources.filter((r) => r.name.toLowerCase().includes(needle)).slice(0, SHOWN)
  const follow = (href: string | undefined) => {
    setText('')
    if (href) router.push(href)
  }
  return (
    <Combobox
      freeform
      className={styles.root}
      listbox={{ className: styles.listbox }}
      expandIcon={<SearchRegular className={styles.icon} />}
      placeholder="Search resources by name"
      aria-label="Search resources by name"
      value={text}
      selectedOptions={[]}
      onFocus={() => setTouched(true)}
      onChange={(event) => setText(event.target.value)}
      onOptionSelect={(_, data) => follow(data.optionValue)}
    >
      <Option value={paths.resources({ q: text.trim() })} text={text}>
        {needle ? `Show all resources with "${text.trim()}"` : 'Show all resources'}
      </Option>
      {found.map((r) => (
        <Option key={r.id} value={hrefOfResourceView(r)} text={r.name}>
          {r.name}
          <span className={styles.kind}>{KIND_LABELS[r.kind]}</span>
        </Option>
      ))}
    </Combobox>
  )
}
