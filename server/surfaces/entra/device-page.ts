import { html } from 'hono/html'
import { decideDeviceSignIn, findDeviceSignIn, findPrincipalByAppId, listPersonas } from '@/server/identity/service'
import { isAppError } from '@/server/kernel/errors'
import type { SurfaceEnv } from '../env'
import { PUBLIC_CLIENTS } from './clients'

const STYLE = `
  :root { color-scheme: light dark }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 12vh auto; padding: 0 1rem }
  h1 { font-size: 1.4rem; margin-bottom: .25rem } .note { opacity: .75; font-size: .9rem }
  label { display: block; margin: .5rem 0 } input[type=text] { font: inherit; letter-spacing: .15em; padding: .4rem .6rem; width: 100%; box-sizing: border-box; text-transform: uppercase }
  fieldset { border: 1px solid #8886; border-radius: 4px; margin: 1rem 0 } button { font: inherit; padding: .4rem 1.2rem; margin-right: .5rem }
  [role=alert] { border-left: 4px solid #c50f1f; padding-left: .75rem }`

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

async function page(title: string, body: ReturnType<typeof html>, status = 200): Promise<Response> {
  const text = await html`<!doctype html><html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} - Portcullis</title>
    <style>${STYLE}</style></head><body><main><h1>${title}</h1>${body}
    <p class="note">Portcullis, a simulation: nobody has a password here. You play the part of a person of the tenant.</p>
    </main></body></html>`
  return new Response(String(text), { status, headers: HEADERS })
}

/** Where a person types the code that a device shows. */
export const askForCode = (code: string, problem?: string): Promise<Response> =>
  page(
    'Sign in on a device',
    html`${problem ? html`<p role="alert">${problem}</p>` : ''}
      <form method="post"><label>Enter the code that the device shows
        <input type="text" name="code" value="${code}" autocomplete="off" autofocus required maxlength="16"></label>
        <button>Next</button></form>`,
    problem ? 400 : 200,
  )

/**
 * Answers the form: first who asks and whose part to play, then the decision. What comes from another site's page is
 * refused: that page would sign its own device in.
 */
export async function answerDevicePage(request: Request, env: SurfaceEnv, base: string): Promise<Response> {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  if ((origin && origin !== base) || (site && site !== 'same-origin'))
    return askForCode('', 'The form came from another site and was not used.')
  const form = new URLSearchParams(await request.text())
  const code = form.get('code') ?? ''
  const found = await findDeviceSignIn(env.db, code)
  if (!found) return askForCode(code, 'No sign-in waits under this code. It may have expired: codes live 15 minutes.')
  const ctx = { db: env.db, tenantId: found.tenantId }
  const decision = form.get('decision')
  if (!decision) return askWho(code, await appName(ctx, found.clientId), await listPersonas(ctx))
  try {
    await decideDeviceSignIn(ctx, code, decision === 'accept' ? (form.get('person') ?? '') : null)
  } catch (error) {
    if (!isAppError(error)) throw error
    return askForCode('', error.publicMessage)
  }
  return decision === 'accept'
    ? page('You are signed in', html`<p>Go back to the device. This page can be closed.</p>`)
    : page('Declined', html`<p>The device was not signed in. This page can be closed.</p>`)
}

async function appName(ctx: { db: SurfaceEnv['db']; tenantId: string }, clientId: string): Promise<string> {
  const known = PUBLIC_CLIENTS[clientId.toLowerCase()]
  return known ?? (await findPrincipalByAppId(ctx, clientId))?.displayName ?? clientId
}

const askWho = (code: string, app: string, people: Awaited<ReturnType<typeof listPersonas>>) =>
  page(
    'Who signs in?',
    html`<p><strong>${app}</strong> on another device wants to act for you. Go on only if you started that yourself.</p>
      <form method="post"><input type="hidden" name="code" value="${code}">
        <fieldset><legend>Play the part of</legend>${people.map(
          (p, i) => html`<label><input type="radio" name="person" value="${p.objectId}" ${i === 0 ? 'checked' : ''}>
            ${p.displayName}${p.jobTitle ? html` <span class="note">${p.jobTitle}</span>` : ''}</label>`,
        )}</fieldset>
        <button name="decision" value="accept">Sign in</button><button name="decision" value="decline">Decline</button>
      </form>`,
  )
