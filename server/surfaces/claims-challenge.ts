/**
 * The part of a bearer challenge that makes a client ask for a new token although it holds one that looks fresh.
 * SIMULATED: clients keep tokens by the machine's time, while ours expire by the tenant's clock, which may have been
 * moved; Azure sends this challenge when it revokes a token early (continuous access evaluation).
 */
export function claimsChallenge(now: Date): string {
  const notBefore = String(Math.floor(now.getTime() / 1000))
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: notBefore } } })
  return `error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`
}
