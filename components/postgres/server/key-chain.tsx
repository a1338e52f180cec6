'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { CircleRegular } from '@fluentui/react-icons/svg/circle'
import { DismissCircleFilled } from '@fluentui/react-icons/svg/dismiss-circle'
import type { ReactNode } from 'react'
import type { ChainLinkView } from '@/server/queries/key-case'

const useStyles = makeStyles({
  chain: { display: 'flex', flexWrap: 'wrap', listStyleType: 'none', margin: 0, padding: 0, rowGap: '8px' },
  link: {
    display: 'flex',
    alignItems: 'center',
    columnGap: tokens.spacingHorizontalXS,
    fontSize: tokens.fontSizeBase200,
    whiteSpace: 'nowrap',
    '& svg': { fontSize: '16px', flexShrink: 0 },
    // The line to the next link of the chain.
    ':not(:last-child)::after': {
      content: '""',
      width: '16px',
      height: '2px',
      marginLeft: '4px',
      marginRight: '4px',
      backgroundColor: tokens.colorNeutralStroke1,
    },
  },
  ok: { '& svg': { color: tokens.colorStatusSuccessForeground1 } },
  broken: {
    color: tokens.colorStatusDangerForeground1,
    fontWeight: tokens.fontWeightSemibold,
    '& svg': { color: tokens.colorStatusDangerForeground1 },
    ':not(:last-child)::after': {
      backgroundColor: tokens.colorStatusDangerBorder2,
      height: '0',
      borderTop: '2px dashed',
    },
  },
  untested: { color: tokens.colorNeutralForeground3, '& svg': { color: tokens.colorNeutralForeground3 } },
})

const LOOKS: Record<ChainLinkView['status'], { icon: ReactNode; word: string }> = {
  ok: { icon: <CheckmarkCircleFilled />, word: 'works' },
  broken: { icon: <DismissCircleFilled />, word: 'broken' },
  untested: { icon: <CircleRegular />, word: 'not tested' },
}

/** The links from the server to its data key, in the order in which a check tests them; the broken one in red. */
export function KeyChain({ chain }: { chain: ChainLinkView[] }) {
  const styles = useStyles()
  return (
    <ol className={styles.chain} aria-label="Chain from server to data key">
      {chain.map(({ link, label, status }) => (
        <li key={link} className={mergeClasses(styles.link, styles[status])}>
          <span role="img" aria-label={LOOKS[status].word} style={{ display: 'inline-flex' }}>
            {LOOKS[status].icon}
          </span>
          {label}
        </li>
      ))}
    </ol>
  )
}
