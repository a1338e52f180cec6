'use client'
import {
  Avatar,
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  makeStyles,
  tokens,
} from '@fluentui/react-components'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useAction } from '@/components/ui/use-action'
import { switchPersona } from '@/server/actions/session'
import type { SessionView } from '@/server/identity/contract'
import { useBarStyles } from './bar-styles'
import { roleOf } from './role-of'

const useStyles = makeStyles({
  names: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    lineHeight: '1.2',
    fontSize: tokens.fontSizeBase200,
    '@media (max-width: 900px)': { display: 'none' },
  },
  job: { fontSize: tokens.fontSizeBase100, opacity: 0.85 },
  popover: { maxWidth: '320px' },
  item: { maxWidth: 'none' },
  subtext: { display: 'block', fontSize: tokens.fontSizeBase200, color: tokens.colorNeutralForeground3 },
  note: {
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalS}`,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground3,
  },
})

/** Keys of queries that the shell cannot be without: they are refetched in place, never emptied. */
const SHELL_KEYS = new Set(['session', 'clock', 'notifications'])

export function PersonaSwitcher({ session }: { session: SessionView }) {
  const styles = useStyles()
  const barStyles = useBarStyles()
  const { persona, personas } = session
  const become = useBecome()
  return (
    <Menu
      checkedValues={{ persona: [persona.objectId] }}
      onCheckedValueChange={(_, data) => void become(data.checkedItems[0]!)}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button
          className={barStyles.button}
          appearance="transparent"
          aria-label={`Acting as ${persona.displayName}, ${persona.jobTitle}. Switch person`}
          icon={<Avatar size={24} name={persona.displayName} color="colorful" aria-hidden="true" />}
        >
          <span className={styles.names}>
            <span>{persona.displayName}</span>
            <span className={styles.job}>{roleOf(persona)}</span>
          </span>
        </Button>
      </MenuTrigger>
      <MenuPopover className={styles.popover}>
        <MenuList>
          <MenuGroup>
            <MenuGroupHeader>Act as</MenuGroupHeader>
            {personas.map((p) => (
              <MenuItemRadio key={p.objectId} name="persona" value={p.objectId} className={styles.item}>
                {p.displayName}
                <span className={styles.subtext}>
                  {p.jobTitle} · {p.upn}
                </span>
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
        </MenuList>
        <div className={styles.note}>
          {session.tenantName}. Simulated: there is no sign-in. Each person has only what their role assignments allow.
        </div>
      </MenuPopover>
    </Menu>
  )
}

function useBecome(): (objectId: string) => Promise<void> {
  const client = useQueryClient()
  const router = useRouter()
  const { run } = useAction(switchPersona, {
    progress: 'Switching person',
    success: (data) => `You now act as ${data.displayName}`,
    failure: 'The person could not be switched',
  })
  return async (objectId) => {
    const result = await run({ objectId })
    if (!result.ok) return
    // What the other person could see must not stay on the page: lists are emptied, not only refreshed.
    void client.invalidateQueries({ predicate: (q) => SHELL_KEYS.has(String(q.queryKey[0])) })
    void client.resetQueries({ predicate: (q) => !SHELL_KEYS.has(String(q.queryKey[0])) })
    router.refresh()
  }
}
