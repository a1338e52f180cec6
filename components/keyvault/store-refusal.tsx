'use client'
import { MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from '@fluentui/react-components'
import type { StoreRefusal as Refusal, StoreRef } from '@/server/queries/key-stores'
import { refusalExplanation } from './refusal-text'
import { storeNoun } from './store-links'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
  text: {
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

/** The store did not let this person in: its own text, then who is blocked and who is not. */
export function StoreRefusal(props: { store: StoreRef; refusal: Refusal; trustedBypass: boolean }) {
  const styles = useStyles()
  const { refusal, store } = props
  return (
    <div className={styles.root}>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>The {storeNoun(store)} does not let you in</MessageBarTitle>{' '}
          {refusalExplanation(refusal.code, props.trustedBypass)}
        </MessageBarBody>
      </MessageBar>
      <span>What it answered:</span>
      <pre className={styles.text}>
        ({refusal.code}) {refusal.message.replaceAll('\r', '')}
      </pre>
    </div>
  )
}
