'use client'
import { Button, MessageBar, MessageBarBody, makeStyles, tokens } from '@fluentui/react-components'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { DismissCircleFilled } from '@fluentui/react-icons/svg/dismiss-circle'
import { useQuery } from '@tanstack/react-query'
import { Loaded } from '@/components/ui/loaded'
import { Pane } from '@/components/ui/pane'
import { StatusPill } from '@/components/ui/status-pill'
import type { AccessView } from '@/server/queries/access'
import type { CheckAccessView, KeyVerdict } from '@/server/queries/check-access'
import { checkAccessQuery } from './identity-query'
import { PrincipalPicker } from './principal-picker'
import { ScopeLink } from './scope-link'

const useStyles = makeStyles({
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  list: { margin: 0, paddingLeft: '20px', display: 'flex', flexDirection: 'column', rowGap: '4px' },
  verdicts: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', rowGap: '4px' },
  verdict: { display: 'grid', gridTemplateColumns: '150px minmax(0, 1fr)', columnGap: tokens.spacingHorizontalM },
  why: { color: tokens.colorNeutralForeground3 },
})

/** Asks what one principal may do at the scope of the page. `principalId` is empty until one is chosen. */
export function CheckAccess(props: {
  view: AccessView
  principalId: string
  onPick: (objectId: string | null) => void
  onClose: () => void
}) {
  const { view, principalId, onPick } = props
  return (
    <Pane
      open
      onClose={props.onClose}
      title="Check access"
      footer={principalId ? <Button onClick={() => onPick(null)}>Check somebody else</Button> : undefined}
    >
      {principalId ? (
        <Answer scope={view.scope} principalId={principalId} />
      ) : (
        <PrincipalPicker directory={view.directory} selected={null} onPick={onPick} />
      )}
    </Pane>
  )
}

function Answer({ scope, principalId }: { scope: string; principalId: string }) {
  const styles = useStyles()
  const query = useQuery(checkAccessQuery(scope, principalId))
  return (
    <Loaded query={query} label="what they may do">
      {({ name, roles, keys }) => (
        <>
          <h3 className={styles.heading}>Roles of {name} here</h3>
          {roles.length === 0 ? (
            <span>None, neither here nor above, nor by a group.</span>
          ) : (
            <ul className={styles.list}>
              {roles.map((role) => (
                <li key={role.id}>
                  <strong>{role.roleName}</strong>
                  {role.inherited && (
                    <>
                      , inherited from <ScopeLink scope={role.scope} />
                    </>
                  )}
                  {role.via && `, as a member of ${role.via}`}
                  {role.ceasesAt && ', removed: it is about to end'}
                </li>
              ))}
            </ul>
          )}
          {keys && <KeyVerdicts scope={scope} keys={keys} />}
        </>
      )}
    </Loaded>
  )
}

const REQUESTS: Record<KeyVerdict['request'], string> = {
  get: 'Read keys',
  wrap: 'Wrap',
  unwrap: 'Unwrap',
  sign: 'Sign',
  create: 'Create',
  update: 'Change, disable',
  rotate: 'Rotate',
  setRotationPolicy: 'Set rotation policy',
  backup: 'Back up',
  remove: 'Delete',
  recover: 'Recover',
  purge: 'Purge',
}

function KeyVerdicts({ scope, keys }: { scope: string; keys: NonNullable<CheckAccessView['keys']> }) {
  const styles = useStyles()
  const byPolicy = keys.permissionModel === 'accessPolicies'
  const may = keys.verdicts.filter((v) => v.permission.allowed).map((v) => v.request)
  const canServe = (['get', 'wrap', 'unwrap'] as const).every((request) => may.includes(request))
  return (
    <>
      <h3 className={styles.heading}>{/\/keys\//i.test(scope) ? 'With this key' : 'With all keys of this vault'}</h3>
      {byPolicy && (
        <MessageBar intent="info" layout="multiline">
          <MessageBarBody>This vault goes by access policies: roles count for nothing with its keys.</MessageBarBody>
        </MessageBar>
      )}
      <ul className={styles.verdicts}>
        {keys.verdicts.map(({ request, permission }) => (
          <li key={request} className={styles.verdict}>
            <span>{REQUESTS[request]}</span>
            {permission.allowed ? (
              <StatusPill tone="success" icon={<CheckmarkCircleFilled />}>
                Allowed
              </StatusPill>
            ) : (
              <span>
                <StatusPill tone="danger" icon={<DismissCircleFilled />}>
                  Not allowed
                </StatusPill>{' '}
                <span className={styles.why}>
                  {permission.missingRoles.length > 0 && `Takes ${permission.missingRoles.slice(0, 2).join(' or ')}.`}
                </span>
              </span>
            )}
          </li>
        ))}
      </ul>
      <MessageBar intent={canServe ? 'success' : 'info'} layout="multiline">
        <MessageBarBody>
          {canServe
            ? 'This is enough for the identity of a server: it has to read, wrap and unwrap.'
            : 'The identity of a server would have to read, wrap and unwrap.'}{' '}
          The vault’s firewall is asked too: identities as a trusted Microsoft service, everybody else from where you
          are.
        </MessageBarBody>
      </MessageBar>
    </>
  )
}
