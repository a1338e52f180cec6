import { MAX_HOLDERS, MIN_HOLDERS } from '@/server/managed-hsm/contract'

const PUBLIC = /-----BEGIN (CERTIFICATE|PUBLIC KEY)-----[\s\S]+?-----END \1-----/g

/** The certificates and public keys in PEM texts, one for each box of the form; whatever else a text holds is left out. */
export function holdersIn(texts: string[]): string[] {
  const found = texts.flatMap((text) => text.match(PUBLIC) ?? []).slice(0, MAX_HOLDERS)
  return [...found, ...Array<string>(Math.max(0, MIN_HOLDERS - found.length)).fill('')]
}
