import { describe, expect, it } from 'vitest'
import { type AdviceFacts, judgeAdvice, meanOf, RECOMMENDATIONS, scoreOf } from '@/server/advisor/rules'

const perfect: AdviceFacts = {
  autoUpdate: true,
  location: 'northeurope',
  store: {
    softDeleteDays: 90,
    purgeProtection: true,
    restricted: true,
    trustedBypass: true,
    locked: true,
    auditRecords: 5,
  },
  key: { keySize: 4096, backedUpAt: new Date(0) },
  identityLocation: 'northeurope',
  alertRules: ['Server Inaccessible'],
  overdueRule: false,
}
const store = (patch: Partial<NonNullable<AdviceFacts['store']>>): AdviceFacts => ({
  ...perfect,
  store: { ...perfect.store!, ...patch },
})
const judge = (facts: AdviceFacts, id: string) => judgeAdvice(facts).find((j) => j.id === id)!

describe('advice', () => {
  it('finds nothing to say of a server that follows everything', () => {
    expect(judgeAdvice(perfect).map((j) => j.status)).toEqual(RECOMMENDATIONS.map(() => 'pass'))
    expect(scoreOf(judgeAdvice(perfect))).toBe(100)
  })

  it.each<[string, AdviceFacts, string, string | undefined]>([
    ['retention-90', store({ softDeleteDays: 89 }), 'fail', undefined],
    ['purge-protection', store({ purgeProtection: false }), 'fail', 'enablePurgeProtection'],
    ['lock', store({ locked: false }), 'fail', 'lockStore'],
    ['network', store({ restricted: false }), 'fail', undefined],
    ['network', store({ trustedBypass: false }), 'fail', 'allowTrustedServices'],
    ['key-4096', { ...perfect, key: { ...perfect.key!, keySize: 3072 } }, 'fail', undefined],
    ['key-4096', { ...perfect, key: null }, 'unknown', undefined],
    ['auditing', store({ auditRecords: 0 }), 'fail', undefined],
    ['key-backup', { ...perfect, key: { ...perfect.key!, backedUpAt: null } }, 'fail', undefined],
    ['alert-rules', { ...perfect, alertRules: [] }, 'fail', 'createAlertRule'],
    ['rotation', { ...perfect, autoUpdate: false }, 'fail', undefined],
    ['rotation', { ...perfect, autoUpdate: false, overdueRule: true }, 'pass', undefined],
    ['identity-region', { ...perfect, identityLocation: 'westeurope' }, 'fail', undefined],
    ['identity-region', { ...perfect, identityLocation: null }, 'unknown', undefined],
    ['retention-90', { ...perfect, store: null }, 'unknown', undefined],
  ])('on %s is judged by its own fact alone', (id, facts, status, fix) => {
    expect(judge(facts, id)).toMatchObject({ status, evidence: expect.stringMatching(/\.$/) })
    expect(judge(facts, id).fix).toBe(fix)
    if (facts.store && facts.key) {
      const others = judgeAdvice(facts).filter((j) => j.id !== id)
      expect(others.every((j) => j.status === 'pass')).toBe(true)
    }
  })

  it('counts what is unknown neither way', () => {
    expect(scoreOf([{ status: 'pass' }, { status: 'fail' }, { status: 'unknown' }])).toBe(50)
    expect(meanOf([50, 100])).toBe(75)
    expect(meanOf([])).toBeNull()
  })
})
