'use client'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError, errorText } from '@/components/portal/api'
import { ErrorState, PageSkeleton } from './states'

const GONE = [403, 404]

/**
 * Draws what a query has loaded; before that a skeleton, and its error where there is nothing to draw. What was
 * deleted or may no longer be seen is not drawn from memory.
 */
export function Loaded<T>(props: { query: UseQueryResult<T>; label: string; children: (data: T) => ReactNode }) {
  const { data, error, refetch } = props.query
  const gone = error instanceof ApiError && GONE.includes(error.status)
  if (error && (gone || data === undefined)) {
    return <ErrorState message={errorText(error) ?? ''} onRetry={() => void refetch()} />
  }
  if (data === undefined) return <PageSkeleton label={`Loading ${props.label}`} />
  return props.children(data)
}
