/** Runs once in each portal process, before it answers. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || !process.env.PORTCULLIS_MASTER_KEY_VAULT_KEY) return
  const { openPortalCustody } = await import('./server/queries/portal-custody')
  await openPortalCustody()
}
