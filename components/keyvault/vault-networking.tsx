'use client'
import { changeVault } from '@/server/actions/vaults'
import { draftOfNetwork } from './network-draft'
import { NetworkForm } from './network-form'
import { PrivateEndpoints } from './private-endpoints'
import { VaultFrame } from './vault-frame'

export function VaultNetworking({ name }: { name: string }) {
  return (
    <VaultFrame name={name}>
      {(page) => {
        const saved = draftOfNetwork(page.vault)
        return (
          <>
            <NetworkForm
              key={JSON.stringify(saved)}
              store={page.vault}
              saved={saved}
              clientAddress={page.clientAddress}
              permission={page.permissions.write}
              save={changeVault}
            />
            <PrivateEndpoints page={page} />
          </>
        )
      }}
    </VaultFrame>
  )
}
