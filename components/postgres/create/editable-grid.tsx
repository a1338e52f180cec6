'use client'
import {
  Button,
  Field,
  Input,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import type { ReactNode } from 'react'
import { useFieldArray, useFormContext } from 'react-hook-form'
import { type Path, useField } from './fields'
import { useWizard } from './wizard-context'
import type { WizardValues } from './wizard-values'

const useStyles = makeStyles({
  grid: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalS },
  tools: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  frame: { overflowX: 'auto' },
  cell: { verticalAlign: 'top', paddingTop: tokens.spacingVerticalXS, paddingBottom: tokens.spacingVerticalXS },
  input: { width: '100%', minWidth: '120px' },
  remove: { width: '48px' },
  unseen: { position: 'absolute', clipPath: 'inset(50%)' },
  none: { color: tokens.colorNeutralForeground3 },
  error: { color: tokens.colorPaletteRedForeground1 },
})

type ListName = 'networking.firewallRules' | 'tags'
type Column = { key: string; label: string; placeholder?: string }

export type EditableGridProps = {
  name: ListName
  label: string
  /** Names a row: "rule", "tag". */
  noun: string
  columns: Column[]
  /** Stands there while there are no rows. */
  none: string
  /** Buttons that add rows. */
  tools: (append: (row: Record<string, string>) => void) => ReactNode
}

/** Rows of text boxes. */
export function EditableGrid(props: EditableGridProps) {
  const styles = useStyles()
  const { name, columns, noun } = props
  const { control } = useFormContext<WizardValues>()
  const { visibleError } = useWizard()
  const { fields, append, remove } = useFieldArray({ control, name })
  const add = (row: Record<string, string>) => append(row as Parameters<typeof append>[0], { shouldFocus: false })
  const listFault = visibleError(name)
  return (
    <div className={styles.grid} data-field={name}>
      <div className={styles.tools}>{props.tools(add)}</div>
      <div className={styles.frame}>
        <Table size="small" aria-label={props.label}>
          <TableHeader>
            <TableRow>
              {columns.map((column) => (
                <TableHeaderCell key={column.key}>{column.label}</TableHeaderCell>
              ))}
              <TableHeaderCell className={styles.remove}>
                <span className={styles.unseen}>Remove</span>
              </TableHeaderCell>
            </TableRow>
          </TableHeader>
          <TableBody>
            {fields.length === 0 && (
              <TableRow>
                <TableCell className={styles.none} colSpan={columns.length + 1}>
                  {props.none}
                </TableCell>
              </TableRow>
            )}
            {fields.map((row, i) => (
              <TableRow key={row.id}>
                {columns.map((column) => (
                  <TableCell key={column.key} className={styles.cell}>
                    <Cell
                      path={`${name}.${i}.${column.key}` as Path}
                      label={`${column.label} of ${noun} ${i + 1}`}
                      column={column}
                    />
                  </TableCell>
                ))}
                <TableCell className={styles.cell}>
                  <Button
                    appearance="subtle"
                    icon={<DeleteRegular />}
                    aria-label={`Remove ${noun} ${i + 1}`}
                    onClick={() => remove(i)}
                  />
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </div>
      {listFault && (
        <span className={styles.error} role="alert">
          {listFault}
        </span>
      )}
    </div>
  )
}

function Cell({ path, label, column }: { path: Path; label: string; column: Column }) {
  const styles = useStyles()
  const { value, set, onBlur, error } = useField(path)
  return (
    <Field validationState={error ? 'error' : 'none'} validationMessage={error ?? undefined} data-field={path}>
      <Input
        className={styles.input}
        aria-label={label}
        value={value}
        placeholder={column.placeholder}
        onChange={(_, data) => set(data.value)}
        onBlur={onBlur}
        autoComplete="off"
        spellCheck={false}
      />
    </Field>
  )
}
