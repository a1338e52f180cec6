'use client'
import { Link, MessageBar, MessageBarBody, MessageBarTitle, makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { verifyAuditChain } from '@/server/actions/audit'
import type { ChainReport } from '@/server/activity/model'
import type { StoreRef } from '@/server/queries/key-stores'
import { type AuditFilters, auditExportPath } from './keyvault-query'

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalL },
  hash: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere' },
})

/** Export of what the filters show, and the proof that nothing in the log was changed, removed or moved. */
export function AuditChain({ store, filters }: { store: StoreRef; filters: AuditFilters }) {
  const styles = useStyles()
  const [report, setReport] = useState<ChainReport | null>(null)
  const { run, busy } = useAction(verifyAuditChain, {
    progress: `Verifying the audit log of ${store.name}`,
    success: null,
    failure: 'The audit log could not be verified',
  })
  const verify = async () => {
    const result = await run(store)
    setReport(result.ok ? result.data : null)
  }
  return (
    <>
      <div className={styles.row}>
        <PermissionButton disabledReason={busy ? 'It is being verified.' : null} onClick={() => void verify()}>
          Verify the chain
        </PermissionButton>
        <Link href={auditExportPath(store, filters)} download>
          Export as JSON lines
        </Link>
      </div>
      {report && <Report report={report} />}
    </>
  )
}

function Report({ report }: { report: ChainReport }) {
  const styles = useStyles()
  if (!report.intact)
    return (
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>The chain is broken at record {report.at}.</MessageBarTitle> Reason: {report.problem}. The{' '}
          {report.records} records before it are intact.
        </MessageBarBody>
      </MessageBar>
    )
  return (
    <MessageBar intent="success" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>The chain of {report.records} records is intact.</MessageBarTitle> Its end, to be kept
        elsewhere: <span className={styles.hash}>{report.head.hash || 'none'}</span>. Check an exported file offline
        with <span className={styles.hash}>npm run verify-audit -- FILE --head HASH</span>.
      </MessageBarBody>
    </MessageBar>
  )
}
