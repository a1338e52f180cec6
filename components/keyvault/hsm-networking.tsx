'use client'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { changeHsm } from '@/server/actions/hsms'
import { HsmFrame } from './hsm-frame'
import { draftOfNetwork } from './network-draft'
import { NetworkForm } from './network-form'

export function HsmNetworking({ name }: { name: string }) {
  return (
    <HsmFrame name={name}>
      {({ hsm, clientAddress, permissions }) => {
        const saved = draftOfNetwork(hsm)
        return (
          <>
            <NetworkForm
              key={JSON.stringify(saved)}
              store={hsm}
              saved={saved}
              clientAddress={clientAddress}
              permission={permissions.write}
              save={changeHsm}
            />
            <SimulatedNote>
              A managed HSM takes up to 10 IP rules. Private endpoints of managed HSMs are not part of this simulation;
              those of key vaults are.
            </SimulatedNote>
          </>
        )
      }}
    </HsmFrame>
  )
}
