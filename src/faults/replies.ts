import type { Vendor } from '../contract.js'
import { json, type Reply } from '../kernel/reply.js'
import type { Request } from '../kernel/request.js'
import type { Effect } from './rule.js'

/** The answer a fault gives: one of the vendor's named replies, or the status, headers and body that were asked for. */
export function faultReply(effect: Extract<Effect, { kind: 'reply' }>, vendor: Vendor, request: Request): Reply {
  const { name, status = 200, headers = {}, body } = effect
  if (name !== undefined) {
    // The name was checked when the fault was made; a vendor that lost it since answers as if it had no words.
    return vendor.replies[name]?.reply(request) ?? { status: 503, headers: {}, body: '' }
  }
  if (body === undefined) return { status, headers, body: '' }
  const hasType = Object.keys(headers).some((given) => given.toLowerCase() === 'content-type')
  if (typeof body === 'string')
    return { status, headers: hasType ? headers : { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body }
  return hasType ? { status, headers, body: JSON.stringify(body) } : json(status, body, 'application/json', headers)
}

/** An answer whose body no longer parses, as JSON, form or XML; status and headers stay. */
export function garbled(reply: Reply): Reply {
  const body = Buffer.from(reply.body)
  return { ...reply, body: Buffer.concat([body.subarray(0, Math.ceil(body.length / 2)), garbage]) }
}

/** A control character and openings without an end: nothing that reads text takes them. */
const garbage = Buffer.from('\u0001<%{"')
