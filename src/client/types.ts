import type { Verdict } from '../kernel/outcome.js'

/** A seed document: rows by vendor and table, and what it sets beside rows. */
export type SeedDocument = {
  [member: string]: unknown
}

/** A clock as the sandbox shows it. */
export interface ClockReading {
  now: string
  frozen: boolean
}

/** Something that fell due while a call moved the clock. */
export interface DueEvent {
  /** By the workspace's clock. */
  at: string
  vendor: string
  /** Words of the vendor, such as "club.monthly renewed"; or a delivery with its answer. */
  text: string
  /** Id of the delivery that was attempted. */
  delivery: string | null
  /** Number of equal events in a row, which are listed once, and the time of the last. */
  times: number
  lastAt: string
}

/** A clock after a call moved it. */
export interface ClockMove extends ClockReading {
  /** Events that fell due on the way, in order: the first 500. */
  due: DueEvent[]
  /** Number of all of them. */
  dueCount: number
}

/** Conditions on a request, for faults and verifications. */
export interface MatchInput {
  vendor?: string
  method?: string
  path?: string
  body?: unknown
  query?: Record<string, unknown>
  headers?: Record<string, unknown>
}

/** Effect of a fault. */
export type EffectInput =
  | { kind: 'reply'; name: string }
  | { kind: 'reply'; status: number; headers?: Record<string, string>; body?: unknown }
  | { kind: 'delay'; ms: number }
  | { kind: 'delay'; minMs: number; maxMs: number }
  | { kind: 'delay'; medianMs: number; sigma: number }
  | { kind: 'drop' }
  | { kind: 'hang' }
  | { kind: 'truncate'; bytes: number }
  | { kind: 'garble' }
  | { kind: 'drip'; bytesPerSecond: number }

/** A fault to add. */
export interface RuleInput {
  match?: MatchInput
  position?: 'before' | 'after'
  effect: EffectInput
  times?: number
  skip?: number
  probability?: number
}

/** A ready set of faults by name. */
export interface ProfileInput {
  profile: 'flaky' | 'brownout' | 'offline' | 'charged-but-lost'
  match: MatchInput
}

/** A fault to add, or a ready set by name. */
export type FaultInput = RuleInput | ProfileInput

/** A fault as the sandbox shows it. */
export interface FaultView {
  id: string
  /** Ready set that it was created by. */
  profile?: string
  hits: number
  match: MatchInput
  position: 'before' | 'after'
  effect: EffectInput
  times?: number
  skip: number
  probability: number
}

/** Conditions on kept entries. */
export interface TrafficFilter {
  vendor?: string
  method?: string
  path?: string
  /** A number, or a class such as `4xx`. */
  status?: number | string
  outcome?: string
  verdict?: Verdict
  /** An entry id (exclusive) or an ISO time. */
  since?: string
  limit?: number
}

/** A body as sent, and parsed. */
export interface BodyView {
  mediaType: string | null
  text: string
  parsed: unknown
}

/** One request and its reply. */
export interface TrafficEntry {
  id: string
  at: string
  workspace: string
  vendor: string | null
  route: string | null
  method: string
  url: string
  path: string
  query: Record<string, string | string[]>
  headers: Record<string, string | string[]>
  body: BodyView
  /** Null if no reply was sent. */
  status: number | null
  replyHeaders: Record<string, string | string[]>
  replyBody: BodyView
  outcome: string
  verdict: Verdict
  /** Members of the request that caused a refusal, with values that would have been accepted. */
  expected: { pointer: string; got: unknown; expected: unknown }[]
  explanation: string
  warnings: string[]
  fault: { id: string; position: 'before' | 'after'; kind: string } | null
  durationMs: number
  rows: { table: string; key: string; change: 'added' | 'changed' | 'removed' }[]
}

/** A webhook or callback that a vendor sends, with its last attempt. */
export interface Delivery {
  id: string
  vendor: string
  url: string
  event: string
  attempts: number
  status: 'waiting' | 'delivered' | 'failed'
  request: { headers: Record<string, string>; body: string }
  reply: { status: number; body: string } | null
  error: string | null
  nextAttemptAt: string | null
}

/** Outcomes with their statuses (`recorded 200`) of the vendors that were called. */
export interface Coverage {
  percent: number
  vendors: Record<string, { percent: number; met: string[]; missing: string[] }>
}

/** Habits of each caller that a real service would suffer from; `entries` are the requests that broke the rule. */
export interface ClientReport {
  callers: {
    caller: string
    findings: { rule: 'no-pause' | 'two-ids' | 'success-resent' | 'refusal-repeated'; count: number; entries: string[] }[]
  }[]
}
