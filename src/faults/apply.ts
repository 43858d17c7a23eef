import { setTimeout as pass } from 'node:timers/promises'
import type { Vendor } from '../contract.js'
import type { LiveCall } from '../http/call.js'
import type { AppliedFault, FaultControl } from '../http/fault-control.js'
import type { Outgoing } from '../kernel/incoming.js'
import type { Reply } from '../kernel/reply.js'
import { StorageFull, StoreUnavailable } from '../store/store.js'
import { queryFields, requestHeaders } from '../traffic/fields.js'
import { bodyDifferences, headDifferences } from '../traffic/match.js'
import { parsedBody } from '../traffic/parsed-body.js'
import type { FaultRow } from '../workspace/tables.js'
import { drawDelay } from './draw.js'
import { faultReply, garbled } from './replies.js'
import { isUsedUp, ruleOf } from './rows.js'
import { positionOf, type FaultRule } from './rule.js'

/**
 * Applies the faults of a workspace: the first in order of creation that matches, is not used up, has let its `skip` pass and wins
 * its draw. One that lets a match pass counts it and leaves it to the next; those after the applied one do not see the request.
 * Delays are real time and end early when the sandbox stops.
 */
export function faultControl(closing: AbortSignal): FaultControl {
  return {
    async choose(vendor, call) {
      const candidates = await matching(vendor, call)
      const chosen = candidates.length > 0 ? await count(call, candidates) : undefined
      return chosen && apply(chosen, { vendor, call, closing })
    },
  }
}

interface Chosen {
  id: string
  rule: FaultRule
  delayMs: number
}

/** Faults that match by the rows last read; whether they are used up is settled when they are counted. */
async function matching(vendor: Vendor, call: LiveCall): Promise<FaultRow[]> {
  const { request } = call
  const seen = {
    vendor: vendor.id,
    method: request.method,
    path: request.path,
    query: () => queryFields(request.rawQuery),
    headers: () => requestHeaders(request.head.rawHeaders),
  }
  const found = call.setting.faults.filter((row) => !isUsedUp(row) && headDifferences(ruleOf(row).match, seen).length === 0)
  if (!found.some((row) => ruleOf(row).match.body !== undefined)) return found
  const body = await openedBody(vendor, call)
  return found.filter((row) => bodyDifferences(ruleOf(row).match, body).length === 0)
}

async function openedBody(vendor: Vendor, call: LiveCall): Promise<unknown> {
  const opened = await vendor.reveal?.(call, call.request)
  if (opened !== undefined) call.reveal({ request: opened })
  return opened ?? parsedBody(call.request.body, call.request.header('content-type'))
}

/** Counts the request alone in its workspace, so that `times` and `skip` are exact. Without room to count, no fault applies. */
async function count(call: LiveCall, candidates: readonly FaultRow[]): Promise<Chosen | undefined> {
  try {
    const { value } = await call.space.transact(async (rows) => {
      for (const { id } of candidates) {
        const row = (await rows.get('sandbox.faults', id)) as FaultRow | undefined
        if (!row || isUsedUp(row)) continue
        const rule = ruleOf(row)
        const matched = row.matched + 1
        const applies = matched > rule.skip && (rule.probability >= 1 || call.ids.fraction() < rule.probability)
        rows.put('sandbox.faults', id, { ...row, matched, hits: row.hits + (applies ? 1 : 0) })
        if (applies) return { id, rule, delayMs: drawDelay(rule.effect, call.ids) }
      }
      return undefined
    })
    return value
  } catch (error) {
    if (error instanceof StorageFull || error instanceof StoreUnavailable) return undefined
    throw error
  }
}

interface Application {
  vendor: Vendor
  call: LiveCall
  closing: AbortSignal
}

function apply({ id, rule, delayMs }: Chosen, { vendor, call, closing }: Application): AppliedFault {
  const { effect } = rule
  const position = positionOf(rule)
  const tell = (what: string) =>
    call.explain(
      call.outcome || 'fault',
      call.outcome ? `${call.explanation} Then fault ${id} ${what}.` : `Fault ${id} ${what}; ${vendor.title} never saw the request.`,
      call.warnings,
    )
  const spoil = async (answer: Reply): Promise<Outgoing | undefined> => {
    switch (effect.kind) {
      case 'delay':
        await pass(delayMs, undefined, { signal: closing }).catch(() => undefined)
        return undefined
      case 'reply': {
        const reply = faultReply(effect, vendor, call.request)
        tell(`answered ${reply.status}${effect.name === undefined ? '' : ` (${effect.name})`} in its place`)
        return { reply }
      }
      case 'drop':
        tell('cut the connection before the answer')
        return { reply: answer, effect }
      case 'hang':
        tell('kept the client waiting for an answer that never comes')
        return { reply: answer, effect }
      case 'truncate':
        tell(`cut the answer's body after ${effect.bytes} bytes`)
        return { reply: answer, effect }
      case 'drip':
        tell(`let the answer trickle at ${effect.bytesPerSecond} bytes a second`)
        return { reply: answer, effect }
      case 'garble':
        tell('spoilt the answer’s body')
        return { reply: garbled(answer) }
    }
  }
  return {
    note: { id, position, kind: effect.kind },
    before: async () => (position === 'before' ? spoil(noReply) : undefined),
    after: async (reply) => (position === 'after' ? ((await spoil(reply)) ?? { reply }) : { reply }),
  }
}

const noReply: Reply = { status: 500, headers: {}, body: '' }
