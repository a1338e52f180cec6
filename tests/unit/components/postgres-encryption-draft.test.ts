import { expect, test } from 'vitest'
import { type Draft, draftFaults, sameDraft } from '@/components/postgres/server/encryption-draft'

const ID = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/'
const draft = (patch: Partial<Draft['primary']> = {}): Draft => ({
  primary: { identityId: `${ID}one`, keyUri: 'https://kv-1.vault.localhost/keys/cmk', autoUpdate: true, ...patch },
  geo: null,
})

test('the form is unchanged until something that is sent differs; the case of a resource id is nothing', () => {
  expect(sameDraft(draft(), draft({ identityId: `${ID}ONE` }))).toBe(true)
  expect(sameDraft(draft(), draft({ autoUpdate: false }))).toBe(false)
  expect(sameDraft(draft(), draft({ identityId: `${ID}two` }))).toBe(false)
  expect(sameDraft(draft(), { ...draft(), geo: draft().primary })).toBe(false)
})

test('an identifier that does not fit the version checkbox is refused at its field before anything is sent', () => {
  expect(draftFaults(draft())).toEqual({})
  expect(Object.keys(draftFaults(draft({ autoUpdate: false })))).toEqual(['primary.keyUri'])
})

test('both keys with one identity are refused at the second one', () => {
  expect(Object.keys(draftFaults({ ...draft(), geo: draft().primary }))).toEqual(['geo.identityId'])
})
