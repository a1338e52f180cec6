'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { CopyButton } from '@/components/ui/copy-button'
import { Pane } from '@/components/ui/pane'

const useStyles = makeStyles({
  head: { display: 'flex', alignItems: 'center', justifyContent: 'space-between' },
  json: {
    margin: 0,
    padding: tokens.spacingHorizontalM,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase200,
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
  },
})

/** A resource as JSON. What is handed in is what the page was given: the server puts no secret into it. */
export function JsonView(props: { open: boolean; onClose: () => void; title: string; value: unknown }) {
  const styles = useStyles()
  const json = JSON.stringify(props.value, null, 2)
  return (
    <Pane open={props.open} onClose={props.onClose} title={props.title} size="large">
      <div className={styles.head}>
        <span>As the portal has it; it holds no secret.</span>
        <CopyButton value={json} label="Copy JSON" />
      </div>
      <pre className={styles.json}>{json}</pre>
    </Pane>
  )
}
