import type { Call, Failure } from '../../contract.js'
import { writeExactJson } from '../../kernel/json/exact.js'
import { json, type Reply } from '../../kernel/reply.js'
import { textsByField, type FieldFault } from './invalid.js'
import type { OrderOutcome } from './orders/orders.js'
import { orderResource } from './resources.js'

/** Gives the outcome of an uploaded order its wire form, and says why. */
export function orderReply(call: Call, outcome: OrderOutcome): Reply {
  const { order } = outcome
  const token = `purchase token ${cut(order.purchaseToken)} of ${order.packageName}`
  switch (outcome.kind) {
    case 'recorded':
    case 'repeated':
    case 'updated': {
      const { purchase } = outcome
      const sentence = confirmations[outcome.kind](token, origin(order))
      call.explain(outcome.kind, purchase ? `${sentence} Its purchase is ${purchase.id}.` : sentence, { warnings: outcome.warnings })
      return resourceReply(200, orderResource(order, purchase))
    }
    case 'pending':
      call.explain(
        'pending',
        `The ${token} is pending: no in-app purchase until the store completes it (POST /_sandbox/upstreams/google_play/purchases/…/complete, or an upload that is not pending).`,
      )
      return resourceReply(200, orderResource(order, undefined))
    case 'queued':
      call.explain(
        'queued',
        `The Google Play store is not reachable, so the ${token} waits; it is validated when PUT /_sandbox/upstreams/google_play says {"reachable":true}. Uploading again then tells the result.`,
      )
      return resourceReply(206, orderResource(order, undefined))
    case 'invalid-signature':
      call.explain(
        'invalid-signature',
        `purchase_signature does not prove purchase_data: ${outcome.reason}. It is judged by the licence key of ${order.packageName}; no other order with the token is touched.`,
      )
      return resourceReply(402, orderResource(order, undefined))
    case 'purchase-not-found':
      call.explain(
        'purchase-not-found',
        `The simulated store does not know the ${token}: its row in marketplace.purchases says "known": false.`,
      )
      return resourceReply(402, orderResource(order, undefined))
    case 'purchase-mismatch':
      call.explain(
        'purchase-mismatch',
        `The simulated store knows the ${token} for another product or package than ${order.purchase?.productId}; see its row in marketplace.purchases.`,
      )
      return resourceReply(402, orderResource(order, undefined))
  }
}

/** A reply whose body is a resource; numbers in its metadata go out as they were sent. */
export function resourceReply(status: number, resource: unknown): Reply {
  return { ...json(status, null), body: writeExactJson(resource) }
}

/** Refuses a request with every fault at once. */
export function invalid(call: Call, faults: readonly FieldFault[], outcome = 'invalid'): Reply {
  call.explain(outcome, faults.map(({ seen }) => seen).join(' '))
  return failure(422, textsByField(faults))
}

/** Refuses a body that is no JSON object. */
export function unreadable(call: Call, reason: string): Reply {
  call.explain('unreadable', `The body cannot be read as a JSON object: ${reason}.`)
  return failure(422, { base: ['request body is not valid JSON'] })
}

/** The error envelope: texts by field, `base` for what belongs to none (our choice; the vendor shows no error body). */
export function failure(status: number, errors: Record<string, string[]>, headers: Reply['headers'] = {}): Reply {
  return json(status, { errors }, undefined, headers)
}

/** Mbaasy where no route speaks. */
export function failureReply(problem: Failure): Reply {
  switch (problem.kind) {
    case 'not-found':
      return base(404, 'not found')
    case 'method-not-allowed':
      return failure(405, { base: ['method not allowed'] }, { Allow: problem.allow.join(', ') })
    case 'body-too-large':
      return base(413, `request body is larger than ${problem.limitBytes} bytes`)
    case 'uri-too-long':
      return base(414, `request URI is longer than ${problem.limitBytes} bytes`)
    case 'body-stalled':
      return base(422, 'request body did not arrive')
    case 'storage-full':
    case 'unavailable':
    case 'failed':
      return base(500, 'internal server error')
  }
}

/** An error that belongs to no field. */
export function base(status: number, text: string): Reply {
  return failure(status, { base: [text] })
}

/** A long token as people can still tell it. */
export function cut(token: string): string {
  return token.length > 40 ? `${token.slice(0, 40)}…` : token
}

/** Where a row was first recorded. */
export function origin({ recordedBy }: { recordedBy?: string | undefined }): string {
  return recordedBy === undefined ? 'in the seed' : `in request ${recordedBy}`
}

const confirmations = {
  recorded: (token: string) => `The store confirmed ${token}; a new purchase order.`,
  repeated: (token: string, where: string) => `The ${token} was first uploaded ${where}; nothing new was carried, so nothing changed.`,
  updated: (token: string, where: string) =>
    `The ${token} was first uploaded ${where}; the order now holds what this request or the store has new.`,
}
