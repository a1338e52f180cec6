import 'server-only'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { portalRuntime } from './runtime'

/** The certificate of the local authority, as a file to download. It is public: the authority's key is not in it. */
export async function readCertificate(): Promise<Response> {
  try {
    const pem = await readFile(join(portalRuntime().config.dataDir, 'ca.pem'), 'utf8')
    return new Response(pem, {
      headers: {
        'content-type': 'application/x-pem-file',
        'content-disposition': 'attachment; filename="portcullis-ca.pem"',
        'cache-control': 'no-store',
      },
    })
  } catch {
    return new Response('The engine has not made its certificates yet.', { status: 404 })
  }
}
