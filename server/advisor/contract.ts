import type { Permission } from '@/server/identity/contract'

export const FIXES = ['enablePurgeProtection', 'allowTrustedServices', 'lockStore', 'createAlertRule'] as const
export type AdviceFix = (typeof FIXES)[number]

export type AdviceStatus = 'pass' | 'fail' | 'unknown'

/** One recommendation, judged for one server. */
export type AdviceView = {
  id: string
  title: string
  /** What it is good for. */
  why: string
  status: AdviceStatus
  /** The fact that it was judged by. */
  evidence: string
  /** What one button can do, and whether the person may; null where it takes a decision or a new resource. */
  fix: { kind: AdviceFix; label: string; permission: Permission } | null
}

export type ServerAdvice = {
  serverId: string
  name: string
  resourceGroup: string
  subscriptionId: string
  keyUri: string
  /** Percent of what is known. */
  score: number
  failed: number
  checks: AdviceView[]
}

export type AdvisorView = {
  /** Percent; null without servers that it applies to. */
  score: number | null
  servers: ServerAdvice[]
  /** The fleet's score over time, all servers of the tenant. */
  history: { at: string; score: number }[]
}
