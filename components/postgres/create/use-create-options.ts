'use client'
import { useQuery } from '@tanstack/react-query'
import type { CreateOptions } from '@/server/queries/create-options'
import { createOptionsQuery } from './create-query'

const NONE: CreateOptions = {
  subscriptions: [],
  resourceGroups: [],
  identities: [],
  directory: [],
  clientAddress: '',
  installation: null,
}

/** What can be chosen from, for panes that also open outside the wizard; empty until it is loaded. */
export const useCreateOptions = (): CreateOptions => useQuery(createOptionsQuery).data ?? NONE
