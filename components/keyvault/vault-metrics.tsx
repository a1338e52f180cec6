'use client'
import { MetricsPanel } from '@/components/monitor/metrics-panel'
import { VaultFrame } from './vault-frame'

export function VaultMetrics({ name }: { name: string }) {
  return <VaultFrame name={name}>{(page) => <MetricsPanel resourceId={page.vault.id} />}</VaultFrame>
}
