'use client'
import { ServerFrame } from '@/components/postgres/server/server-frame'
import { MetricsPanel } from './metrics-panel'

export function ServerMetrics({ name }: { name: string }) {
  return <ServerFrame name={name}>{(page) => <MetricsPanel resourceId={page.server.id} />}</ServerFrame>
}
