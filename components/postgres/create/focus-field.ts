import { isSizing } from './wizard-fields'

const CONTROLS = ['input', 'select', 'textarea', 'button:not(.fui-InfoButton)']
  .map((control) => `${control}:not([disabled])`)
  .join(', ')

/**
 * Moves the focus to the control of a field, or to the nearest field that holds it (a list for its item).
 * @returns whether there is such a control within `root`.
 */
export function focusField(path: string, root: ParentNode | null): boolean {
  const control = controlOf(path, root)
  control?.focus()
  control?.scrollIntoView({ block: 'center' })
  return control !== null
}

function controlOf(path: string, root: ParentNode | null): HTMLElement | null {
  for (let at = path; at.includes('.') || at === path; at = at.slice(0, at.lastIndexOf('.'))) {
    const field = root?.querySelector<HTMLElement>(`[data-field="${at}"]`)
    const control = field?.matches(CONTROLS) ? field : field?.querySelector<HTMLElement>(CONTROLS)
    if (control) return control
    if (!at.includes('.')) break
  }
  return isSizing(path) ? (root?.querySelector<HTMLElement>(`[data-group="sizing"] :is(${CONTROLS})`) ?? null) : null
}
