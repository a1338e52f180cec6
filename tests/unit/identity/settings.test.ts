import { expect, test } from 'vitest'
import { settingsPatch, tenantSettings } from '@/server/identity/contract'

test('a change of one setting leaves the others as they are, and what was never set has its default', () => {
  expect(settingsPatch.parse({ throttling: true })).toEqual({ throttling: true })
  expect(tenantSettings.parse({})).toEqual({
    rolePropagationSeconds: 0,
    throttling: false,
    keyChangeDetection: 'azure',
  })
})
