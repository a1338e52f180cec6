import { afterAll, inject } from 'vitest'
import { createDatabase, dropDatabase } from '@/server/cli/embedded-postgres'
import { newId } from '@/server/kernel/ids'
import { TEMPLATE_DATABASE } from './database-setup'

/**
 * A migrated, empty database for the calling test file, dropped when the file is done. Returns its URL.
 * Call it at the top level of the file: `const databaseUrl = await testDatabase()`.
 */
export const testDatabase = (): Promise<string> => makeDatabase(TEMPLATE_DATABASE)

/** The same without any table. */
export const bareDatabase = (): Promise<string> => makeDatabase('template1')

async function makeDatabase(template: string): Promise<string> {
  const server = inject('databaseUrl')
  const name = `test_${newId().replaceAll('-', '')}`
  const url = await createDatabase(server, name, template)
  // Hooks run last in, first out: whatever the file opens later is closed before this.
  afterAll(() => dropDatabase(server, name))
  return url
}
