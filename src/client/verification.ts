import { writeAsSent } from '../kernel/json/as-sent.js'
import { writeExactJson } from '../kernel/json/exact.js'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { Finding, verification } from '../traffic/verification.js'

export type { NearMiss } from '../traffic/verification.js'

/** Expected requests; every member is optional. */
export type Expectation = z.input<typeof verification>

/** Result of a verification. `ok` is null if dropped traffic could change it. */
export type VerificationResult = Pick<Finding, 'ok' | 'count'> & Partial<Finding> & { detail?: string }

/** Describes a verification: the expectation, the count, and the closest requests with their differences. */
export function describeVerification(expectation: Expectation, result: VerificationResult): string {
  const { times, withinMs, ...request } = expectation
  const wanted = `${describeTimes(times)} of ${writeExactJson(request)}`
  if (result.ok === true)
    return `verified: ${result.count} ${result.count === 1 ? 'call matches' : 'calls match'} ${writeExactJson(request)}`
  if (result.ok === null) return `cannot be known: ${result.detail ?? `${result.dropped ?? 0} entries were dropped`}`
  const waited = withinMs === undefined ? '' : ` within ${withinMs} ms`
  const lines = [`not verified: wanted ${wanted}, found ${result.count}${waited}`]
  for (const miss of result.nearMisses?.slice(0, shownMisses) ?? []) {
    lines.push(`  near miss ${miss.id}`)
    for (const { path, expected, actual } of miss.differences) {
      lines.push(`    ${path || '/'}`, `      - expected ${show(expected)}`, `      + actual   ${show(actual)}`)
    }
  }
  return lines.join('\n')
}

/** Thrown by `verify` if the expectation is not met, or cannot be decided. */
export class VerificationFailed extends Error {
  override readonly name = 'VerificationFailed'

  constructor(
    readonly expectation: Expectation,
    readonly result: VerificationResult,
    message = describeVerification(expectation, result),
  ) {
    super(message)
  }
}

const shownMisses = 3

function describeTimes(times: Expectation['times']): string {
  if (times === undefined) return 'at least 1 call'
  if (typeof times === 'number') return `exactly ${times} call${times === 1 ? '' : 's'}`
  const { atLeast, atMost } = times
  if (isDeepStrictEqual(atLeast, atMost) && atLeast !== undefined) return describeTimes(atLeast)
  const bounds = [atLeast !== undefined && `at least ${atLeast}`, atMost !== undefined && `at most ${atMost}`].filter(Boolean)
  return `${bounds.join(' and ') || 'any number'} of calls`
}

function show(value: unknown): string {
  const text = value === undefined ? '(absent)' : writeAsSent(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
