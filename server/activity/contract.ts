/** An entry of the activity log as pages show it. Instants are ISO 8601 virtual time. */
export type ActivityView = {
  id: string
  seq: number
  at: string
  correlationId: string
  operationId: string | null
  caller: string
  category: string
  level: 'Critical' | 'Error' | 'Warning' | 'Informational' | 'Verbose'
  status: string
  operationName: string
  resourceId: string
  resourceName: string
  resourceType: string
  resourceGroup: string | null
  subscriptionId: string | null
  description: string
  properties: Record<string, unknown>
}

/** A line in the notifications bell. */
export type NotificationView = {
  id: string
  at: string
  /** Decides icon and colour. */
  kind: 'progress' | 'success' | 'warning' | 'error' | 'info'
  title: string
  text: string
  /** Page that it is about. */
  href: string | null
  unread: boolean
}

/** A request to the data plane of a vault or HSM, as the audit log shows it. Refused ones are there too. */
export type AuditView = {
  id: string
  seq: number
  at: string
  storeId: string
  operationName: string
  resultType: string
  resultSignature: string
  resultDescription: string
  httpStatusCode: number
  durationMs: number
  callerIpAddress: string
  correlationId: string
  identity: Record<string, unknown>
  properties: Record<string, unknown>
  operationVersion: string
  /** Null in records made before there were chains. */
  chain: { index: number; previousHash: string; hash: string } | null
}
