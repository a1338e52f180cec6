import { parseKeyIdentifier } from '@/server/keys/model'

/** The identifier without its version; as it is when it has none or is no identifier. */
export function withoutVersion(uri: string): string {
  const id = parseKeyIdentifier(uri)
  return id?.version ? `https://${id.host}/keys/${id.keyName}` : uri
}

export const versionOf = (uri: string): string | null => parseKeyIdentifier(uri)?.version ?? null

/** The identifier with a version, when it is an identifier without one. */
export function withVersion(uri: string, version: string | undefined): string {
  const id = parseKeyIdentifier(uri)
  return id && !id.version && version ? `${withoutVersion(uri).replace(/\/$/, '')}/${version}` : uri
}
