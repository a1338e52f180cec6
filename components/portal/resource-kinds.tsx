import { DatabaseRegular } from '@fluentui/react-icons/svg/database'
import { PersonKeyRegular } from '@fluentui/react-icons/svg/person-key'
import { ShieldKeyholeRegular } from '@fluentui/react-icons/svg/shield-keyhole'
import { VaultRegular } from '@fluentui/react-icons/svg/vault'
import type { ReactNode } from 'react'
import type { ResourceKind, ResourceView } from '@/server/monitor/contract'
import { paths } from './paths'

export const KIND_LABELS: Record<ResourceKind, string> = {
  server: 'PostgreSQL flexible server',
  vault: 'Key vault',
  managedHsm: 'Managed HSM',
  identity: 'Managed identity',
}

export const KIND_ICONS: Record<ResourceKind, ReactNode> = {
  server: <DatabaseRegular />,
  vault: <VaultRegular />,
  managedHsm: <ShieldKeyholeRegular />,
  identity: <PersonKeyRegular />,
}

/** The page of a resource. */
export function hrefOfResourceView(r: Pick<ResourceView, 'kind' | 'name' | 'principalId'>): string {
  switch (r.kind) {
    case 'server':
      return paths.server(r.name)
    case 'vault':
      return paths.vault(r.name)
    case 'managedHsm':
      return paths.hsm(r.name)
    case 'identity':
      return paths.identity(r.principalId ?? r.name)
  }
}
