import { z } from 'zod'
import type { Vendor } from '../contract.js'
import { requestMatch, type RequestMatch } from '../traffic/matching/match.js'
import { faultRule, type Effect, type FaultRule } from './rule.js'

/** The ready sets by name, and what each is for. */
export const profileNames = ['flaky', 'brownout', 'offline', 'charged-but-lost'] as const

/** A ready set as it is asked for. */
export const profileRequest = z.strictObject({ profile: z.enum(profileNames), match: requestMatch.default({}) })
export type ProfileRequest = z.infer<typeof profileRequest>

/** The faults of a ready set, in the order in which they are tried. */
export function profileRules({ profile, match }: ProfileRequest, vendor: Vendor): FaultRule[] {
  return rulesOf(profile, unavailable(vendor)).map((rule) => faultRule.parse({ match, ...rule } satisfies { match: RequestMatch }))
}

function rulesOf(profile: ProfileRequest['profile'], overloaded: Effect): z.input<typeof faultRule>[] {
  switch (profile) {
    case 'flaky':
      return [{ effect: overloaded, times: 2 }]
    case 'brownout':
      return [{ effect: overloaded, probability: 0.2 }, { effect: { kind: 'delay', medianMs: 2000, sigma: 0.5 } }]
    case 'offline':
      return [{ effect: { kind: 'drop' } }]
    case 'charged-but-lost':
      return [{ effect: { kind: 'drop' }, position: 'after', times: 1 }]
  }
}

/** The vendor's own 503, or where it has none what a load balancer before it would say. */
function unavailable({ replies }: Vendor): Effect {
  const own = Object.entries(replies).filter(([, { status }]) => status === 503)
  const [name] = own.find(([candidate]) => candidate === 'service-unavailable') ?? own[0] ?? []
  if (name !== undefined) return { kind: 'reply', name }
  return { kind: 'reply', status: 503, headers: { 'Content-Type': 'text/plain' }, body: 'Service Unavailable' }
}
