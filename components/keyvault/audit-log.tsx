'use client'
import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { DismissCircleFilled } from '@fluentui/react-icons/svg/dismiss-circle'
import { DocumentTextRegular } from '@fluentui/react-icons/svg/document-text'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText } from '@/components/portal/api'
import { Instant } from '@/components/portal/instant'
import { JsonView } from '@/components/postgres/server/json-view'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { EmptyState } from '@/components/ui/states'
import { StatusPill } from '@/components/ui/status-pill'
import { useUrlState } from '@/components/ui/use-url-state'
import type { AuditView } from '@/server/activity/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import { AuditChain } from './audit-chain'
import { AuditFilterTools } from './audit-filters'
import { auditCaller, auditKey } from './audit-text'
import { DiagnosticSettings } from './diagnostic-settings'
import { auditFiltersFrom, auditQuery } from './keyvault-query'

const useStyles = makeStyles({
  link: { minWidth: 0, paddingLeft: 0, paddingRight: 0, fontWeight: tokens.fontWeightRegular },
})

/** Every request to the data plane of a store, refused ones too, newest first. */
export function AuditLog({ store }: { store: StoreRef }) {
  const [params, change] = useUrlState()
  const filters = auditFiltersFrom(params)
  const query = useInfiniteQuery(auditQuery(store, filters))
  const [shown, setShown] = useState<AuditView | null>(null)
  return (
    <>
      <DiagnosticSettings store={store} />
      <Section title="Audit log">
        <SimulatedNote>
          In Azure these records go to a log workspace by a diagnostic setting. Here the store keeps them and shows them
          to whoever may read the store. Looking at keys in the portal is a request too.
        </SimulatedNote>
        <AuditChain store={store} filters={filters} />
        <ResourceTable
          label="audit records"
          rows={query.data?.pages.flatMap((page) => page.events)}
          error={errorText(query.error)}
          onRetry={() => void query.refetch()}
          rowId={(event) => event.id}
          columns={useColumns(setShown)}
          searchText={(e) =>
            [e.operationName, e.resultSignature, auditCaller(e), auditKey(e), e.callerIpAddress].join(' ')
          }
          alwaysTools
          tools={<AuditFilterTools filters={filters} onChange={change} />}
          empty={
            <EmptyState
              icon={<DocumentTextRegular />}
              title={Object.keys(filters).length ? 'No record matches the filters' : 'No requests yet'}
            />
          }
        />
        {query.hasNextPage && (
          <div>
            <PermissionButton
              disabledReason={query.isFetchingNextPage ? 'They are being loaded.' : null}
              onClick={() => void query.fetchNextPage()}
            >
              Load older records
            </PermissionButton>
          </div>
        )}
        <JsonView
          open={shown !== null}
          onClose={() => setShown(null)}
          title={shown?.operationName ?? ''}
          value={shown}
        />
      </Section>
    </>
  )
}

function useColumns(show: (event: AuditView) => void): TableColumn<AuditView>[] {
  const styles = useStyles()
  return [
    { id: 'at', label: 'Time', render: (e) => <Instant at={e.at} seconds /> },
    {
      id: 'name',
      label: 'Operation',
      render: (e) => (
        <Button appearance="transparent" size="small" className={styles.link} onClick={() => show(e)}>
          {e.operationName}
        </Button>
      ),
    },
    {
      id: 'result',
      label: 'Result',
      render: (e) => <Result event={e} />,
    },
    { id: 'key', label: 'Key', render: auditKey },
    { id: 'caller', label: 'Caller', render: auditCaller },
    { id: 'address', label: 'Address', lowPriority: true, render: (e) => e.callerIpAddress },
    { id: 'ms', label: 'Duration', lowPriority: true, render: (e) => `${Math.round(e.durationMs)} ms` },
  ]
}

function Result({ event }: { event: AuditView }) {
  const ok = event.resultType === 'Success'
  return (
    <StatusPill tone={ok ? 'success' : 'danger'} icon={ok ? <CheckmarkCircleFilled /> : <DismissCircleFilled />}>
      {event.httpStatusCode} {event.resultSignature}
    </StatusPill>
  )
}
