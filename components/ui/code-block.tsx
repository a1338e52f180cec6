'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { CopyButton } from './copy-button'

const useStyles = makeStyles({
  frame: { position: 'relative', minWidth: 0 },
  code: {
    padding: tokens.spacingHorizontalM,
    paddingRight: '48px',
    overflow: 'auto',
    maxHeight: '60vh',
    backgroundColor: tokens.colorNeutralBackground3,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  pre: { margin: 0, fontFamily: 'inherit' },
  copy: { position: 'absolute', top: tokens.spacingVerticalXS, right: tokens.spacingHorizontalXS },
})

/** Text to copy into a terminal or an editor; `label` names it: "psql command". */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  const styles = useStyles()
  return (
    <div className={styles.frame}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard. */}
      <section className={styles.code} tabIndex={0} aria-label={label}>
        <pre className={styles.pre}>{text}</pre>
      </section>
      <span className={styles.copy}>
        <CopyButton value={text} label={`Copy ${label}`} />
      </span>
    </div>
  )
}
