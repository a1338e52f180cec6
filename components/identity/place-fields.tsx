'use client'
import { Link, Select, Tooltip } from '@fluentui/react-components'
import { useState } from 'react'
import { NewResourceGroup } from '@/components/postgres/create/resource-group-field'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { REGIONS } from '@/server/kernel/regions'
import type { CreateOptions } from '@/server/queries/create-options'
import type { Place } from './place-draft'

export type PlaceFieldsProps = {
  options: CreateOptions
  place: Place
  onChange: (place: Place) => void
  faults: Partial<Record<keyof Place, string>>
}

/** Subscription and resource group of a new resource. */
export function ProjectFields({ options, place, onChange, faults }: PlaceFieldsProps) {
  const [creating, setCreating] = useState(false)
  const groups = options.resourceGroups.filter((g) => g.subscriptionId === place.subscriptionId)
  const mayCreate = options.subscriptions.find((s) => s.id === place.subscriptionId)?.createResourceGroup
  const pick = (name: string, location = groups.find((g) => g.name === name)?.location) =>
    onChange({ ...place, resourceGroup: name, location: place.location || location || '' })
  return (
    <>
      <FieldWithInfo label="Subscription" required error={faults.subscriptionId}>
        <Select
          value={place.subscriptionId}
          onChange={(_, data) => onChange({ ...place, subscriptionId: data.value, resourceGroup: '' })}
        >
          {!place.subscriptionId && <option value="">Select a subscription</option>}
          {options.subscriptions.map((s) => (
            <option key={s.id} value={s.id}>
              {s.name}
            </option>
          ))}
        </Select>
      </FieldWithInfo>
      <div>
        <FieldWithInfo label="Resource group" required error={faults.resourceGroup}>
          <Select value={place.resourceGroup} onChange={(_, data) => pick(data.value)}>
            <option value="">Select a resource group</option>
            {groups.map((g) => (
              <option key={g.id} value={g.name}>
                {g.name}
              </option>
            ))}
          </Select>
        </FieldWithInfo>
        {mayCreate && !mayCreate.allowed ? (
          <Tooltip content={mayCreate.reason} relationship="description">
            <Link as="button" type="button" disabledFocusable>
              Create new
            </Link>
          </Tooltip>
        ) : (
          <Link as="button" type="button" onClick={() => setCreating(true)}>
            Create new
          </Link>
        )}
      </div>
      {creating && (
        <NewResourceGroup
          subscriptionId={place.subscriptionId}
          location={place.location}
          onClose={() => setCreating(false)}
          onCreated={(group) => {
            setCreating(false)
            pick(group.name, group.location)
          }}
        />
      )}
    </>
  )
}

/** Region of a new resource. */
export function RegionSelect({ place, onChange, faults, info }: PlaceFieldsProps & { info?: string }) {
  return (
    <FieldWithInfo label="Region" required error={faults.location} info={info}>
      <Select value={place.location} onChange={(_, data) => onChange({ ...place, location: data.value })}>
        <option value="">Select a region</option>
        {REGIONS.filter((r) => !r.restricted).map((r) => (
          <option key={r.name} value={r.name}>
            {r.displayName}
          </option>
        ))}
      </Select>
    </FieldWithInfo>
  )
}
