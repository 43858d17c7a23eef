import type { z } from 'zod'
import type { shownFault } from '../control/calls/faults.js'
import type { deliveryShape } from '../control/calls/webhooks.js'
import type { profileRequest } from '../faults/profiles.js'
import type { effect, faultRule } from '../faults/rule.js'
import type { coverageOf } from '../traffic/analysis/coverage.js'
import type { CallerReport } from '../traffic/analysis/report.js'
import type { TrafficEntry } from '../traffic/entry.js'
import type { Filter } from '../traffic/matching/filter.js'
import type { requestMatch } from '../traffic/matching/match.js'

export type { TrafficEntry } from '../traffic/entry.js'

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
export type MatchInput = z.input<typeof requestMatch>

/** Effect of a fault. */
export type EffectInput = z.input<typeof effect>

/** A fault to add. */
export type RuleInput = z.input<typeof faultRule>

/** A ready set of faults by name. */
export type ProfileInput = Required<z.input<typeof profileRequest>>

/** A fault to add, or a ready set by name. */
export type FaultInput = RuleInput | ProfileInput

/** A fault as the sandbox shows it. */
export type FaultView = z.infer<typeof shownFault>

/** Conditions on kept entries. */
export interface TrafficFilter extends Filter {
  /** An entry id (exclusive) or an ISO time. */
  since?: string | undefined
  limit?: number | undefined
}

/** A body as sent, and parsed. */
export type BodyView = TrafficEntry['body']

/** A webhook or callback that a vendor sends, with its attempts. */
export type Delivery = z.infer<typeof deliveryShape>

/** Outcomes with their statuses (`recorded 200`) of the vendors that were called. */
export type Coverage = ReturnType<typeof coverageOf>

/** Habits of each caller that a real service would suffer from; `entries` are the requests that broke the rule. */
export interface ClientReport {
  /** Number of requests that are no longer kept and so not in the report. */
  dropped: number
  callers: CallerReport[]
}
