'use client'
import { Link, MessageBar, MessageBarBody, MessageBarTitle, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { Pane } from '@/components/ui/pane'
import { Panel, Section } from '@/components/ui/section'
import { estimateMonthlyCost, formatMoney } from '@/server/postgres/prices'
import { reviewGroups } from './review-groups'
import { ReviewList } from './review-list'
import { TemplateText } from './template-text'
import type { Preflight } from './use-preflight'
import { useWizard, useWizardValues } from './wizard-context'
import { inFieldOrder, labelOf, tabLabel, tabOf } from './wizard-fields'
import { toInput } from './wizard-values'

const useStyles = makeStyles({
  column: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXXL },
  faults: { margin: `${tokens.spacingVerticalXS} 0 0`, paddingLeft: tokens.spacingHorizontalXL },
  price: { fontSize: tokens.fontSizeBase500, fontWeight: tokens.fontWeightSemibold },
})

export function ReviewTab({ preflight, refusal }: { preflight: Preflight; refusal: string | null }) {
  const styles = useStyles()
  const { options } = useWizard()
  const values = useWizardValues()
  const input = toInput(values)
  const administrator = options.directory.find((e) => e.objectId === input.basics.authentication.entraAdministrator)
  const groups = reviewGroups(input, {
    subscription: options.subscriptions.find((s) => s.id === input.basics.subscriptionId)?.name ?? '',
    entraAdministrator: administrator?.displayName ?? null,
  })
  const [showsTemplate, setShowsTemplate] = useState(false)
  return (
    <div className={styles.column}>
      <div role="status">
        <Banner preflight={preflight} refusal={refusal} />
      </div>
      <Section title="Product details">
        <Panel>
          <Text block weight="semibold">
            Azure Database for PostgreSQL flexible server, simulated
          </Text>
          <Text block className={styles.price}>
            {formatMoney(estimateMonthlyCost(input.basics).total)} a month
          </Text>
          <Text block>
            An estimate; not a quote. Nothing is ordered and nothing is billed: Portcullis is a simulation.
          </Text>
        </Panel>
      </Section>
      <ReviewList groups={groups} />
      <div>
        <Link as="button" type="button" onClick={() => setShowsTemplate(true)} aria-haspopup="dialog">
          Download a template for automation
        </Link>
      </div>
      <Pane open={showsTemplate} onClose={() => setShowsTemplate(false)} title="Template for automation" size="large">
        <TemplateText
          input={input}
          administrator={
            administrator
              ? { objectId: administrator.objectId, name: administrator.displayName, type: administrator.kind }
              : null
          }
        />
      </Pane>
    </div>
  )
}

function Banner({ preflight, refusal }: { preflight: Preflight; refusal: string | null }) {
  const styles = useStyles()
  const { judged, errors, goToField } = useWizard()
  const faults = [
    ...inFieldOrder(Object.keys(errors)).map((path) => ({ path, message: errors[path]! })),
    ...preflight.broken.map((rule) => ({ path: `encryption.${rule.role}.${rule.field}`, message: rule.message })),
  ]
  if (faults.length) {
    return (
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>Validation failed</MessageBarTitle>
          {faults.length === 1 ? 'One field needs attention:' : `${faults.length} fields need attention:`}
          <ul className={styles.faults}>
            {faults.map(({ path, message }) => (
              <li key={`${path} ${message}`}>
                <Link as="button" type="button" inline onClick={() => goToField(path)}>
                  {tabLabel(tabOf(path))}: {labelOf(path)}
                </Link>
                {` - ${message}`}
              </li>
            ))}
          </ul>
        </MessageBarBody>
      </MessageBar>
    )
  }
  if (!judged) return <Note intent="info" title="Validating" text="Every field is checked…" />
  if (preflight.testing)
    return <Note intent="info" title="Testing access" text="The identity is tried out on the key…" />
  if (preflight.problem) return <Note intent="error" title="The access test did not work" text={preflight.problem} />
  if (refusal) return <Note intent="error" title="The server was refused" text={refusal} />
  return <Note intent="success" title="Validation passed" text="Everything is in order: the server can be created." />
}

function Note({ intent, title, text }: { intent: 'info' | 'error' | 'success'; title: string; text: string }) {
  return (
    <MessageBar intent={intent} layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        {text}
      </MessageBarBody>
    </MessageBar>
  )
}
