import type { Ids } from '../kernel/ids.js'
import type { Effect } from './rule.js'

/** Draws the milliseconds of one delay from the workspace's ids, so that it is repeatable. */
export function drawDelay(effect: Effect, ids: Ids): number {
  if (effect.kind !== 'delay') return 0
  const { ms, minMs, maxMs, medianMs, sigma } = effect
  if (ms !== undefined) return ms
  if (minMs !== undefined && maxMs !== undefined) return minMs + ids.fraction() * (maxMs - minMs)
  return Math.min((medianMs ?? 0) * Math.exp((sigma ?? 0) * drawNormal(ids)), longestMs)
}

/** A draw from the standard normal distribution, by the method of Box and Muller. */
function drawNormal(ids: Ids): number {
  const radius = Math.sqrt(-2 * Math.log(1 - ids.fraction()))
  return radius * Math.cos(2 * Math.PI * ids.fraction())
}

const longestMs = 86_400_000
