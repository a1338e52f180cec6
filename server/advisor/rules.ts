import type { AdviceFix, AdviceStatus } from './contract'

/** What the recommendations are judged by; null is what is not known. */
export type AdviceFacts = {
  autoUpdate: boolean
  location: string
  store: {
    softDeleteDays: number
    purgeProtection: boolean
    restricted: boolean
    trustedBypass: boolean
    locked: boolean
    /** Requests in its audit log. */
    auditRecords: number
  } | null
  key: { keySize: number | null; backedUpAt: Date | null } | null
  identityLocation: string | null
  /** Names of enabled rules that watch this server or its keys. */
  alertRules: string[]
  overdueRule: boolean
}

type Judgement = { status: AdviceStatus; evidence: string; fix?: AdviceFix }
export type Recommendation = { id: string; title: string; why: string; judge(facts: AdviceFacts): Judgement }

const held = (holds: boolean, yes: string, no: string, fix?: AdviceFix): Judgement =>
  holds ? { status: 'pass', evidence: yes } : { status: 'fail', evidence: no, fix }
const UNKNOWN_STORE: Judgement = { status: 'unknown', evidence: 'The key store was not found.' }
const UNKNOWN_KEY: Judgement = { status: 'unknown', evidence: 'The key was not found.' }
const ofStore =
  (judge: (store: NonNullable<AdviceFacts['store']>) => Judgement) =>
  ({ store }: AdviceFacts): Judgement =>
    store ? judge(store) : UNKNOWN_STORE
const ofKey =
  (judge: (key: NonNullable<AdviceFacts['key']>) => Judgement) =>
  ({ key }: AdviceFacts): Judgement =>
    key ? judge(key) : UNKNOWN_KEY

/** The recommendations for servers with customer-managed keys. Source: "Data encryption", mid-2026. */
export const RECOMMENDATIONS: readonly Recommendation[] = [
  {
    id: 'retention-90',
    title: 'Deleted keys are kept 90 days',
    why: 'The longer a deleted key can be recovered, the later a mistake may be found.',
    judge: ofStore(({ softDeleteDays: days }) =>
      held(days >= 90, `Kept ${days} days.`, `Kept ${days} days only; fixed when a store is created.`),
    ),
  },
  {
    id: 'purge-protection',
    title: 'Purge protection is on',
    why: 'Nobody can destroy the key for good before its retention ends.',
    judge: ofStore(({ purgeProtection }) =>
      held(purgeProtection, 'On.', 'Off: the key could be destroyed for good.', 'enablePurgeProtection'),
    ),
  },
  {
    id: 'lock',
    title: 'A lock keeps the key store from being deleted',
    why: 'A lock stops a deletion that was not meant.',
    judge: ofStore(({ locked }) =>
      held(locked, 'A lock is on it.', 'No lock is on it: whoever may delete it can.', 'lockStore'),
    ),
  },
  {
    id: 'network',
    title: 'Public access is off, and trusted services may pass',
    why: 'The store answers the database service and nobody from the open network.',
    judge: ofStore(({ restricted, trustedBypass }) => {
      if (restricted && !trustedBypass)
        return held(false, '', 'Restricted, but the database service may not pass.', 'allowTrustedServices')
      return held(restricted, 'Restricted; trusted services pass.', 'Open to all networks.')
    }),
  },
  {
    id: 'key-4096',
    title: 'The key has 4096 bits',
    why: 'The longest key that the service supports.',
    judge: ofKey(({ keySize }) => held(keySize === 4096, '4096 bits.', `${keySize ?? 'No'} bits.`)),
  },
  {
    id: 'auditing',
    title: 'Use of the key is audited',
    why: 'Who used the key, and when, can be told afterwards.',
    judge: ofStore(({ auditRecords: n }) =>
      held(n > 0, `${n.toLocaleString('en')} records in the audit log.`, 'The audit log holds nothing.'),
    ),
  },
  {
    id: 'key-backup',
    title: 'The key was backed up',
    why: 'With a backup a purged key can be brought back.',
    judge: ofKey(({ backedUpAt }) =>
      held(backedUpAt !== null, `Backed up on ${backedUpAt?.toISOString()}.`, 'No backup was ever taken.'),
    ),
  },
  {
    id: 'alert-rules',
    title: 'Somebody is told when the key is lost',
    why: 'A server that falls unseen is down longer.',
    judge: ({ alertRules }) =>
      held(
        alertRules.length > 0,
        `Watched by ${alertRules.join(', ')}.`,
        'No enabled rule watches it.',
        'createAlertRule',
      ),
  },
  {
    id: 'rotation',
    title: 'New key versions are adopted, or somebody is reminded',
    why: 'A server that stays on an old version falls when that version expires.',
    judge: ({ autoUpdate, overdueRule }) => {
      if (autoUpdate) return held(true, 'The key identifier has no version.', '')
      return held(
        overdueRule,
        'Pinned; a rule tells when it falls behind.',
        'Pinned, and no rule tells when it falls behind.',
      )
    },
  },
  {
    id: 'identity-region',
    title: 'The identity is in the same region',
    why: 'The server then depends on one region only.',
    judge: ({ identityLocation, location }) =>
      identityLocation === null
        ? { status: 'unknown', evidence: 'The identity was not found.' }
        : held(
            identityLocation === location,
            `In ${location}.`,
            `In ${identityLocation}; the server is in ${location}.`,
          ),
  },
]

export type JudgedAdvice = Omit<Recommendation, 'judge'> & Judgement

export const judgeAdvice = (facts: AdviceFacts): JudgedAdvice[] =>
  RECOMMENDATIONS.map(({ judge, ...rest }) => ({ ...rest, ...judge(facts) }))

/** Percent of what is known that is followed; 100 when nothing is known. */
export function scoreOf(judged: { status: AdviceStatus }[]): number {
  const known = judged.filter((j) => j.status !== 'unknown')
  const passed = known.filter((j) => j.status === 'pass').length
  return known.length ? Math.round((passed / known.length) * 1000) / 10 : 100
}

export const meanOf = (scores: number[]): number | null =>
  scores.length ? Math.round((scores.reduce((sum, s) => sum + s, 0) / scores.length) * 10) / 10 : null
