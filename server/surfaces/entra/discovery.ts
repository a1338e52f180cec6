/** What clients read before they ask for a token. `base` is scheme, host and port of the request. */

/** OpenID configuration; the issuer has the host and port of the request, which MSAL insists on. */
export function openIdConfiguration(base: string, tenant: string, version: '' | '/v2.0') {
  const authority = `${base}/${tenant}`
  return {
    token_endpoint: `${authority}/oauth2${version}/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    jwks_uri: `${authority}/discovery${version}/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `${authority}${version || '/'}`,
    request_uri_parameter_supported: false,
    authorization_endpoint: `${authority}/oauth2${version}/authorize`,
    device_authorization_endpoint: `${authority}/oauth2${version}/devicecode`,
    end_session_endpoint: `${authority}/oauth2${version}/logout`,
    claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'tid', 'oid', 'appid', 'ver'],
    cloud_instance_name: new URL(base).host,
    grant_types_supported: ['client_credentials', 'urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  }
}

/** Instance discovery: this host is its own cloud. */
export function instanceDiscovery(base: string, authorizationEndpoint: string | undefined) {
  const { host } = new URL(base)
  const tenant = authorizationEndpoint?.split('/')[3] ?? 'common'
  return {
    tenant_discovery_endpoint: `${base}/${tenant}/v2.0/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
  }
}
