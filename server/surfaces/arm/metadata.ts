import type { SurfaceEnv } from '../env'

/** The first version that answers with a list of clouds. */
const LIST_SINCE = '2019-05-01'

/**
 * What the Azure CLI reads to get to know a cloud; anybody may. The login endpoint ends in `/adfs`, since with any other
 * unknown one MSAL asks the public cloud whether it exists.
 */
export function cloudMetadata({ httpsPort }: SurfaceEnv, base: string, apiVersion: string): unknown {
  const local = new URL(base).hostname === 'localhost'
  const at = (name: string) => `https://${name}:${httpsPort}`
  const loginEndpoint = `${at(local ? 'localhost' : 'login.localhost')}/adfs`
  const unused = at('unavailable.localhost')
  const authentication = { loginEndpoint, audiences: [base], tenant: 'common', identityProvider: 'AAD' }
  if (apiVersion < LIST_SINCE) {
    const { audiences } = authentication
    return {
      galleryEndpoint: unused,
      graphEndpoint: unused,
      portalEndpoint: unused,
      authentication: { loginEndpoint, audiences },
    }
  }
  return [
    {
      name: 'Portcullis',
      resourceManager: base,
      authentication,
      portal: unused,
      media: unused,
      graph: unused,
      graphAudience: unused,
      microsoftGraphResourceId: unused,
      sqlManagement: unused,
      batch: unused,
      gallery: unused,
      vmImageAliasDoc: unused,
      activeDirectoryDataLake: unused,
      ossrdbmsResourceId: 'https://ossrdbms-aad.database.windows.net',
      logAnalyticsResourceId: unused,
      appInsightsResourceId: unused,
      suffixes: {
        keyVaultDns: `vault.localhost:${httpsPort}`,
        mhsmDns: `managedhsm.localhost:${httpsPort}`,
        postgresqlServerEndpoint: 'postgres.localhost',
        sqlServerHostname: 'sql.localhost',
        storage: 'storage.localhost',
        acrLoginServer: 'registry.localhost',
      },
    },
  ]
}
