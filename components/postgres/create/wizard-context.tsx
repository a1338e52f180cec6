'use client'
import { createContext, type ReactNode, useContext } from 'react'
import { useFormContext, useWatch } from 'react-hook-form'
import type { CreateOptions } from '@/server/queries/create-options'
import type { WizardForm } from './use-wizard-form'
import { type TabId, tabOf } from './wizard-fields'
import type { WizardValues } from './wizard-values'

export type KeyMethod = 'select' | 'enter'
export type KeyRole = 'primary' | 'geo'

type Shared = Omit<WizardForm, 'form'> & {
  options: CreateOptions
  tab: TabId
  setTab(tab: TabId): void
  /** How each key is chosen; of the page alone, not of what is sent. */
  keyMethods: Record<KeyRole, KeyMethod>
  setKeyMethod(role: KeyRole, method: KeyMethod): void
  /** The field that gets the focus once its tab is drawn. */
  focus: { path: string } | null
  setFocus(focus: { path: string }): void
  /** While true the address is left alone. */
  setLeaving(leaving: boolean): void
}

export type Wizard = Shared & {
  /** Leaving a tab shows its faults; the last tab shows all. */
  openTab(tab: TabId): void
  /** Opens a tab and moves the focus to one of its fields. */
  goToField(path: string): void
}

const WizardContext = createContext<Wizard | null>(null)

export function WizardProvider({ value, children }: { value: Shared; children: ReactNode }) {
  const openTab = (next: TabId) => {
    if (next === value.tab) return
    value.reveal(next === 'review' ? 'all' : value.tab)
    value.setTab(next)
  }
  const goToField = (path: string) => {
    openTab(tabOf(path))
    value.setFocus({ path })
  }
  return <WizardContext.Provider value={{ ...value, openTab, goToField }}>{children}</WizardContext.Provider>
}

export function useWizard(): Wizard {
  const wizard = useContext(WizardContext)
  if (!wizard) throw new Error('useWizard is used outside WizardProvider')
  return wizard
}

/** The form's values, live. */
export function useWizardValues(): WizardValues {
  const { control } = useFormContext<WizardValues>()
  return useWatch({ control }) as WizardValues
}
