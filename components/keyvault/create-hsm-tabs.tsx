'use client'
import {
  Button,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Select,
  tokens,
} from '@fluentui/react-components'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { PrincipalPicker } from '@/components/identity/principal-picker'
import { Essentials } from '@/components/ui/essentials'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import type { CreateOptions } from '@/server/queries/create-options'
import type { HsmDraft } from './create-hsm-draft'
import { StoreBasics, StoreReview, type StoreTabProps } from './create-store-tabs'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  error: { color: tokens.colorPaletteRedForeground1 },
  picker: { maxHeight: '380px', overflowY: 'auto', display: 'flex', flexDirection: 'column', rowGap: '8px' },
})

export type HsmTabProps = StoreTabProps<HsmDraft>
const NAME = 'Managed HSM name'

export function BasicsTab(props: HsmTabProps) {
  return (
    <>
      <SimulatedNote>
        A pool of hardware security modules of your own, without the hardware: its keys are sealed at rest by the
        portal’s master key. Roles, ceremony and refusals are those of the real one.
      </SimulatedNote>
      <StoreBasics {...props} label={NAME} noun="managed HSM">
        <FieldWithInfo label="Sku" hint="The other sizes of Azure are not part of this simulation.">
          <Select value="Standard_B1" disabled>
            <option value="Standard_B1">Standard B1</option>
          </Select>
        </FieldWithInfo>
      </StoreBasics>
    </>
  )
}

export function AdministratorsTab({ draft, change, faults, options }: HsmTabProps) {
  const styles = useStyles()
  const { adminObjectIds } = draft
  const add = (objectId: string) =>
    adminObjectIds.includes(objectId) || change({ adminObjectIds: [...adminObjectIds, objectId] })
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>Only they can activate the HSM and give rights in it.</MessageBarTitle> Owners of the
          subscription have none. The list is read once, at creation; later changes go by local roles.
        </MessageBarBody>
      </MessageBar>
      <Section title="Initial administrators">
        {adminObjectIds.length === 0 && (
          <span role="alert" className={styles.error}>
            {faults.adminObjectIds ?? 'Name at least one initial administrator.'}
          </span>
        )}
        <ul className={styles.list} aria-label="Initial administrators">
          {adminObjectIds.map((id) => (
            <li key={id} className={styles.item}>
              {adminName(options, id)}
              <Button
                appearance="subtle"
                icon={<DeleteRegular />}
                aria-label={`Remove ${adminName(options, id)}`}
                onClick={() => change({ adminObjectIds: adminObjectIds.filter((other) => other !== id) })}
              />
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Add an administrator">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard. */}
        <section className={styles.picker} aria-label="Directory" tabIndex={0}>
          <PrincipalPicker
            directory={options.directory.filter((d) => !adminObjectIds.includes(d.objectId))}
            selected={null}
            onPick={add}
          />
        </section>
      </Section>
    </>
  )
}

const adminName = (options: CreateOptions, objectId: string): string =>
  options.directory.find((d) => d.objectId === objectId)?.displayName ?? objectId

export function ReviewTab({ draft, options }: Pick<HsmTabProps, 'draft' | 'options'>) {
  return (
    <>
      <StoreReview draft={draft} options={options} label={NAME} tier={{ label: 'Sku', value: 'Standard B1' }}>
        <Section title="Administrators">
          <Essentials
            items={[
              {
                label: 'Initial administrators',
                value: draft.adminObjectIds.map((id) => adminName(options, id)).join(', '),
              },
            ]}
          />
        </Section>
      </StoreReview>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          The HSM is made without a security domain. Until an administrator downloads that, no key can be made or used.
        </MessageBarBody>
      </MessageBar>
    </>
  )
}
