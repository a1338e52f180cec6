import { SeverityNumber } from '@opentelemetry/api-logs'
import { ExportResultCode } from '@opentelemetry/core'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs'
import { guardedLookup } from '@/server/alerts/service'
import type { OutgoingRecord, SendOutcome } from './model'

const SCOPE = 'portcullis.audit'

/**
 * Sends records as OTLP logs over HTTP, by OpenTelemetry's own exporter: the record as JSON is the body, what receivers
 * filter by stands in attributes. The timestamp is that of the tenant's clock, the time of observation real.
 */
export async function sendOtlp(
  endpoint: string,
  records: OutgoingRecord[],
  { timeoutMs, ca }: { timeoutMs: number; ca?: string },
): Promise<SendOutcome> {
  const exporter = new OTLPLogExporter({
    url: endpoint,
    timeoutMillis: timeoutMs,
    keepAlive: false,
    httpAgentOptions: { lookup: guardedLookup, ...(ca && { ca }) } as object,
  })
  try {
    const { code, error } = await new Promise<{ code: ExportResultCode; error?: Error }>((resolve) =>
      exporter.export(toLogRecords(records), resolve),
    )
    const accepted = code === ExportResultCode.SUCCESS
    return {
      accepted,
      message: accepted ? 'Accepted.' : (error?.message ?? 'The receiver did not accept the records.'),
    }
  } finally {
    await exporter.shutdown()
  }
}

function toLogRecords(records: OutgoingRecord[]): ReadableLogRecord[] {
  const made: ReadableLogRecord[] = []
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({
      'service.name': 'portcullis',
      'cloud.resource_id': records[0]?.resourceId.toLowerCase() ?? '',
    }),
    processors: [
      {
        onEmit: (record) => void made.push(record),
        forceFlush: async () => undefined,
        shutdown: async () => undefined,
      },
    ],
  })
  const logger = provider.getLogger(SCOPE)
  for (const record of records)
    logger.emit({
      timestamp: new Date(record.time),
      eventName: record.operationName,
      severityNumber: record.resultType === 'Success' ? SeverityNumber.INFO : SeverityNumber.WARN,
      severityText: record.resultType,
      body: JSON.stringify(record),
      attributes: {
        'azure.category': record.category,
        'azure.operation.name': record.operationName,
        'azure.correlation_id': record.correlationId,
        ...(record.chain && {
          'portcullis.chain.index': record.chain.index,
          'portcullis.chain.hash': record.chain.hash,
        }),
      },
    })
  return made
}
