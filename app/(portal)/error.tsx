'use client'
import { ErrorState } from '@/components/ui/states'

/** What a page failed with is in the portal's log; the person gets the number to find it by. */
export default function PortalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <ErrorState
      title="This page broke"
      message={`It was not your doing. ${error.digest ? `The portal's log has it under digest ${error.digest}.` : ''}`}
      onRetry={reset}
    />
  )
}
