'use server'
import { settingsPatch, type TenantSettings } from '@/server/identity/contract'
import { updateTenantSettings } from '@/server/identity/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

/** Changes the settings given; the others stay. */
export async function changeSettings(input: unknown): Promise<ActionResult<TenantSettings>> {
  return runAction(settingsPatch, input, updateTenantSettings)
}
