const SERVERS_ELSEWISE = 'Servers are judged by their own identity, not by yours: they go on as before.'

/** Who is blocked by a refusal of the data plane, and who is not. */
export function refusalExplanation(code: string, trustedBypass: boolean): string {
  switch (code) {
    case 'ForbiddenByFirewall':
    case 'ForbiddenByConnection':
      return `You have enabled the network access control. Only allowed networks have access to this key store: your browser’s address is not among them. ${
        trustedBypass
          ? 'Servers are not blocked: they come as a trusted Microsoft service, which may bypass the firewall.'
          : 'Servers are blocked as well, because trusted Microsoft services may not bypass the firewall.'
      }`
    case 'ForbiddenByPolicy':
      return `No access policy gives you this permission on keys. ${SERVERS_ELSEWISE}`
    case 'HsmNotActivated':
      return 'The HSM is not activated: nobody can use keys in it before its security domain was downloaded.'
    default:
      return `You have no role that allows this on its keys; rights on the resource, Owner included, give none. ${SERVERS_ELSEWISE}`
  }
}
