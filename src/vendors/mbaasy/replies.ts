import type { Call, ExpectedMember, Failure } from '../../contract.js'
import { gotValue } from '../../kernel/expected-member.js'
import { writeExactJson } from '../../kernel/json/exact.js'
import { json, type Reply } from '../../kernel/reply.js'
import { textsByField, type InvalidField } from './invalid-field.js'
import { signedOrderExample } from './examples.js'
import type { OrderOutcome } from './orders/orders.js'
import type { OrderUpload } from './orders/upload.js'
import type { StorePurchase } from '../../marketplace/marketplace.js'
import { orderResource } from './resources.js'

/** Facts about an upload beside its outcome. */
export interface UploadFacts {
  upload: OrderUpload
  /** A package whose purchases the sandbox can sign. */
  mintable: string | undefined
  /** The text that was signed, if purchase_data is another spelling of it. */
  signedText: string | undefined
  isSignatureOfExample: boolean
}

/** Returns the wire form of an uploaded order's outcome, and explains it. */
export function orderReply(call: Call, outcome: OrderOutcome, facts: UploadFacts): Reply {
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
        `The ${token} is pending: there is no in-app purchase until the store completes it ("coinslot store google_play TOKEN complete", or an upload that is not pending).`,
      )
      return resourceReply(200, orderResource(order, undefined))
    case 'queued':
      call.explain(
        'queued',
        `The Google Play store is not reachable, so the ${token} waits; it is validated after "coinslot store google_play up". Upload it again then to get the result.`,
      )
      return resourceReply(206, orderResource(order, undefined))
    case 'invalid-signature':
      call.explain(
        'invalid-signature',
        `purchase_signature does not prove purchase_data: ${outcome.reason}. It is verified with the licence key of ${order.packageName}; an earlier good order with this token, if there is one, stays as it was.`,
        { expected: expectedSignature(facts) },
      )
      return resourceReply(402, orderResource(order, undefined))
    case 'purchase-not-found':
      call.explain(
        'purchase-not-found',
        `The simulated store does not know the ${token}: its row in marketplace.purchases says "known": false.`,
      )
      return resourceReply(402, orderResource(order, undefined))
    case 'purchase-mismatch': {
      const named = { app: order.packageName, productId: order.purchase?.productId }
      const known = { ...named, ...outcome.inStore }
      call.explain(
        'purchase-mismatch',
        `The simulated store knows purchase token ${cut(order.purchaseToken)} for product ${known.productId} of ${known.app}, and the order names product ${named.productId} of ${named.app}; see its row in marketplace.purchases.`,
        { expected: expectedPurchase(facts.upload, outcome.inStore) },
      )
      return resourceReply(402, orderResource(order, undefined))
    }
  }
}

/** A reply whose body is a resource; numbers in its metadata go out as they were sent. */
export function resourceReply(status: number, resource: unknown): Reply {
  return { ...json(status, null), body: writeExactJson(resource) }
}

/** Refuses a request with all its invalid fields. */
export function invalid(call: Call, invalidFields: readonly InvalidField[], outcome = 'invalid'): Reply {
  call.explain(outcome, invalidFields.map(({ seen }) => seen).join(' '), {
    expected: invalidFields.map(({ field, pointer = `/body/${field}`, got, expected }) => ({ pointer, got: gotValue(got), expected })),
  })
  return failure(422, textsByField(invalidFields))
}

/** Refuses a body that is not a JSON object. */
export function unreadable(call: Call, reason: string): Reply {
  const got = gotValue(Buffer.from(call.request.body).toString())
  call.explain('unreadable', `The body cannot be read as a JSON object: ${reason}.`, {
    expected: [{ pointer: '/body', got, expected: 'one JSON object in UTF-8, without a byte order mark' }],
  })
  return failure(422, { base: ['request body is not valid JSON'] })
}

/** Returns the error envelope: texts by field, `base` for errors of the whole request. Our choice, because the vendor documents no error body. */
export function failure(status: number, errors: Record<string, string[]>, headers: Reply['headers'] = {}): Reply {
  return json(status, { errors }, undefined, headers)
}

/** Mbaasy's reply if no route handles the request. */
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

/** Returns an error of the whole request. */
export function base(status: number, text: string): Reply {
  return failure(status, { base: [text] })
}

/** Shortens a long token for sentences. */
export function cut(token: string): string {
  return token.length > 40 ? `${token.slice(0, 40)}…` : token
}

/** Returns the origin of a row in words. */
export function origin({ recordedBy }: { recordedBy?: string | undefined }): string {
  return recordedBy === undefined ? 'in the seed' : `in request ${recordedBy}`
}

/** Returns the data that were signed in another spelling, else the signature. It names another package if the sandbox cannot sign for this one. */
function expectedSignature({ upload, mintable, signedText, isSignatureOfExample }: UploadFacts): ExpectedMember[] {
  const { packageName, signed, purchase } = upload
  if (signedText !== undefined) return [{ pointer: '/body/purchase_data', got: gotValue(signed?.text), expected: signedText }]
  const { productId } = JSON.parse(signedOrderExample.purchase_data) as { productId: string }
  const instead = productId === purchase.productId ? '' : ` with productId "${productId}", not "${purchase.productId}"`
  const fitting = isSignatureOfExample ? `This signature fits the purchase_data of the documents' example${instead}. Else: ` : ''
  const own = `a signature of purchase_data by the licence key of ${packageName}`
  const other = mintable === undefined ? '' : `; it signs for ${mintable} (mint one: coinslot mint google_play packageName=${mintable})`
  const expected =
    mintable === packageName
      ? `${own} (mint one: coinslot mint google_play packageName=${packageName})`
      : `${own}, which the sandbox cannot make because it has only the public half of that key${other}`
  return [{ pointer: '/body/purchase_signature', got: gotValue(signed?.signature), expected: fitting + expected }]
}

/** Returns the members that name another purchase than the store knows for the token. */
function expectedPurchase({ packageName, purchase, signed }: OrderUpload, inStore: StorePurchase | undefined): ExpectedMember[] {
  const { app = packageName, productId = purchase.productId } = inStore ?? {}
  const members = [
    { pointer: '/body/package_name', got: packageName, expected: app },
    { pointer: '/body/product_id', got: purchase.productId, expected: productId },
  ].filter(({ got, expected }) => got !== expected)
  if (!signed || members.length === 0) return members
  return [{ pointer: '/body/purchase_data', got: gotValue(signed.text), expected: `product ${productId} of ${app}, as the store knows it` }]
}

const confirmations = {
  recorded: (token: string) => `The store confirmed ${token}; a new purchase order.`,
  repeated: (token: string, where: string) =>
    `The ${token} was first uploaded ${where}; this request has nothing new, and the store confirms it as before.`,
  updated: (token: string, where: string) =>
    `The ${token} was first uploaded ${where}; the order or its purchase now has the news of this request or of the store.`,
}
