import type { PersonaView } from '@/server/identity/contract'

/** The short form of a job title such as "Auditor: reads everything, changes nothing". */
export const roleOf = (persona: Pick<PersonaView, 'jobTitle'>): string => persona.jobTitle.split(':')[0]!.trim()
