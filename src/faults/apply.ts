import { setTimeout as pass } from 'node:timers/promises'
import type { Call, Vendor } from '../contract.js'
import type { Outgoing } from '../kernel/incoming.js'
import { writeAsSent } from '../kernel/json/as-sent.js'
import type { Reply } from '../kernel/reply.js'
import type { LocatedRequest, Request } from '../kernel/request.js'
import { StorageFull, StoreUnavailable } from '../store/store.js'
import { queryFields, requestHeaders } from '../traffic/matching/fields.js'
import { bodyDifferences, headDifferences } from '../traffic/matching/match.js'
import { parsedBody } from '../traffic/parsed-body.js'
import type { WorkspaceScope } from '../workspace/scope.js'
import type { FaultRow } from '../workspace/tables.js'
import { isUsedUp, ruleOf } from './rows.js'
import { positionOf, type FaultRule, type Effect } from './rule.js'
import type { Ids } from '../kernel/ids.js'

/** The call a fault may apply to, with what its traffic entry says so far. */
export type FaultCall = Call &
  WorkspaceScope & {
    readonly request: LocatedRequest
    readonly outcome: string
    readonly explanation: string
    readonly warnings: readonly string[]
  }

/** A fault that applies to one call. */
export interface AppliedFault {
  note: { id: string; position: 'before' | 'after'; kind: string }
  /** The answer in the vendor's place, or undefined if the vendor gets the request, perhaps later. */
  before(): Promise<Outgoing | undefined>
  /** The vendor's answer with the fault applied to it. */
  after(reply: Reply): Promise<Outgoing>
}

/**
 * Chooses the fault that applies to a call: the first in order of creation that matches, has applications left, has skipped its `skip`
 * matches and wins its draw. A fault that lets a match pass counts it and leaves it to the next one; faults after the applied one do not
 * see the request. Delays are real time and end early when the sandbox stops.
 */
export async function chooseFault(vendor: Vendor, call: FaultCall, closing: AbortSignal): Promise<AppliedFault | undefined> {
  const candidates = await matching(vendor, call)
  const chosen = candidates.length > 0 ? await count(call, candidates) : undefined
  return chosen && apply(chosen, { vendor, call, closing })
}

interface Chosen {
  id: string
  rule: FaultRule
  delayMs: number
}

/** Faults that match by the rows read last; `count` checks again that they have applications left. */
async function matching(vendor: Vendor, call: FaultCall): Promise<FaultRow[]> {
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

async function openedBody(vendor: Vendor, call: FaultCall): Promise<unknown> {
  const opened = await vendor.reveal?.(call, call.request)
  if (opened !== undefined) call.reveal({ request: opened })
  return opened ?? parsedBody(call.request.body, call.request.header('content-type'), { keepsDigits: true })
}

/** Counts the request in a transaction, so that `times` and `skip` are exact. If the store cannot write the count, no fault applies. */
async function count(call: FaultCall, candidates: readonly FaultRow[]): Promise<Chosen | undefined> {
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
  call: FaultCall
  closing: AbortSignal
}

function apply({ id, rule, delayMs }: Chosen, { vendor, call, closing }: Application): AppliedFault {
  const { effect } = rule
  const position = positionOf(rule)
  const explain = (what: string) =>
    call.explain(
      call.outcome || 'fault',
      call.outcome ? `${call.explanation} Then fault ${id} ${what}.` : `Fault ${id} ${what}; ${vendor.title} never saw the request.`,
      { warnings: call.warnings },
    )
  const applied = async (answer: Reply): Promise<Outgoing | undefined> => {
    switch (effect.kind) {
      case 'delay':
        await pass(delayMs, undefined, { signal: closing }).catch(() => undefined)
        return undefined
      case 'reply': {
        const reply = faultReply(effect, vendor, call.request)
        explain(`answered ${reply.status}${effect.name === undefined ? '' : ` (${effect.name})`} in its place`)
        return { reply }
      }
      case 'drop':
        explain('cut the connection before the answer')
        return { reply: answer, effect }
      case 'hang':
        explain('kept the client waiting for an answer that never comes')
        return { reply: answer, effect }
      case 'truncate':
        explain(`cut the answer's body after ${Math.min(effect.bytes, Buffer.byteLength(answer.body))} bytes`)
        return { reply: answer, effect }
      case 'drip':
        explain(`let the answer trickle at ${effect.bytesPerSecond} bytes a second`)
        return { reply: answer, effect }
      case 'garble':
        explain('corrupted the body of the reply')
        return { reply: garbled(answer) }
    }
  }
  return {
    note: { id, position, kind: effect.kind },
    before: async () => (position === 'before' ? applied(noReply) : undefined),
    after: async (reply) => (position === 'after' ? ((await applied(reply)) ?? { reply }) : { reply }),
  }
}

const noReply: Reply = { status: 500, headers: {}, body: '' }

/** Draws the milliseconds of one delay from the workspace's ids, so that it is repeatable. */
function drawDelay(effect: Effect, ids: Ids): number {
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

/** The answer a fault gives: one of the vendor's named replies, or the status, headers and body that were asked for. */
function faultReply(effect: Extract<Effect, { kind: 'reply' }>, vendor: Vendor, request: Request): Reply {
  const { name, status = 200, headers = {}, body } = effect
  if (name !== undefined) {
    // The name was checked when the fault was made; a vendor that lost it since answers as if it had no words.
    return vendor.replies[name]?.reply(request) ?? { status: 503, headers: {}, body: '' }
  }
  if (body === undefined) return { status, headers, body: '' }
  const hasType = Object.keys(headers).some((given) => given.toLowerCase() === 'content-type')
  if (typeof body === 'string')
    return { status, headers: hasType ? headers : { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body }
  return { status, headers: hasType ? headers : { 'Content-Type': 'application/json', ...headers }, body: writeAsSent(body) }
}

/** An answer whose body no longer parses, as JSON, form or XML; status and headers stay. */
function garbled(reply: Reply): Reply {
  const body = Buffer.from(reply.body)
  return { ...reply, body: Buffer.concat([body.subarray(0, Math.ceil(body.length / 2)), garbage]) }
}

/** A control character and openings without an end: nothing that reads text takes them. */
const garbage = Buffer.from('\u0001<%{"')
