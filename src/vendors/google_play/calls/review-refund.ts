import type { Call } from '../../../contract.js'
import { expectedMember, smallTable } from '../../../kernel/expected-member.js'
import type { Reply } from '../../../kernel/reply.js'
import { isJsonObject, withLiterals } from '../../../kernel/json/as-sent.js'
import { brief, show } from '../../../kernel/show.js'
import { noContent } from '../replies.js'
import { refundPreferences, type RefundReview, type tables } from '../tables.js'
import { answerApi, wrongMember, type Asked, type Refusal } from './api-call.js'
import { findOrder } from './orders.js'

type Answer = Omit<NonNullable<RefundReview['answer']>, 'at'>

/** `orders.reviewrefund`: what the developer thinks of a refund that the store was asked for. It decides nothing. */
export function reviewRefund(call: Call<typeof tables>): Promise<Reply> {
  return answerApi(call, async (asked) => {
    const { db, now } = asked
    const read = answerIn(asked)
    if (!read.ok) return read
    const found = await findOrder(asked, call.request.params['orderId'] ?? '')
    if (!found.ok) return found
    const { order } = found
    const review = await reviewOf(asked, order.orderId)
    if ('error' in review) return review
    if (order.state === 'REFUNDED') return invalid(`The order ${order.orderId} was refunded at ${order.refundedAt}, so nothing is pending.`)
    const { answer } = read
    if (review.answer) {
      const { at, ...given } = review.answer
      if (JSON.stringify(given) !== JSON.stringify(answer)) {
        return invalid(`The review of ${order.orderId} was answered with ${given.refundPreference} at ${at}, and this is another answer.`)
      }
      return { ok: true, outcome: 'already-reviewed', sentence: `The same answer was given at ${at}.`, reply: noContent }
    }
    if (now.getTime() - new Date(review.at).getTime() > dayMs) {
      return invalid(`The review of ${order.orderId} was asked for at ${review.at}, more than 24 hours ago.`)
    }
    db.refundReviews.put({ ...review, answer: { at: now.toISOString(), ...answer } })
    const sentence = `The preference ${answer.refundPreference} is noted; the store decides, by "coinslot store google_play ${order.token} refund" or not.`
    return { ok: true, outcome: 'reviewed', sentence, reply: noContent }
  })
}

const dayMs = 86_400_000

async function reviewOf({ db, body }: Asked, orderId: string): Promise<RefundReview | Refusal> {
  const sent = body['pendingRefundToken']
  const review = typeof sent === 'string' ? await db.refundReviews.get(sent) : undefined
  if (review?.orderId === orderId) return review
  const own = (await smallTable(db.refundReviews)).find((row) => row.orderId === orderId)
  const advice = own ? 'the notification has another one' : `no refund of ${orderId} is pending; the action refund-request asks for one`
  const got = typeof sent === 'string' ? show(brief(sent, 24)) : show(sent)
  return {
    ok: false,
    error: 'invalid-argument',
    message: 'Invalid value for pendingRefundToken.',
    sentence: `pendingRefundToken is ${got}; ${advice}.`,
    expected: [
      expectedMember(['body', 'pendingRefundToken'], sent, own?.pendingRefundToken ?? 'the pendingRefundToken of the notification'),
    ],
  }
}

function answerIn({ body }: Asked): { ok: true; answer: Answer } | Refusal {
  const { refundPreference, sampleContentProvided, consumptionPercentageMilliunits: share, consumptionUsageEvents: events } = body
  const preference = refundPreferences.find((one) => one === refundPreference)
  if (preference === undefined) return wrongMember(['refundPreference'], refundPreference, refundPreferences.join(' or '))
  if (typeof sampleContentProvided !== 'boolean') return wrongMember(['sampleContentProvided'], sampleContentProvided, 'true or false')
  if (!isAbsent(share) && !(typeof share === 'number' && Number.isInteger(share) && share >= 0 && share <= 100_000)) {
    return wrongMember(['consumptionPercentageMilliunits'], share, 'a whole number from 0 to 100000')
  }
  const wrong = isAbsent(events) ? undefined : wrongEvents(events)
  if (wrong) return wrong
  const answer: Answer = {
    refundPreference: preference,
    sampleContentProvided,
    ...(typeof share === 'number' && { consumptionPercentageMilliunits: share }),
    ...(Array.isArray(events) && { consumptionUsageEvents: withLiterals(events) as Record<string, unknown>[] }),
  }
  return { ok: true, answer }
}

/** JSON of protocol buffers: null is an absent member. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

function wrongEvents(events: unknown): Refusal | undefined {
  const path = ['consumptionUsageEvents']
  if (!Array.isArray(events)) return wrongMember(path, events, 'an array')
  if (events.length > mostEvents) return wrongMember(path, events, `at most ${mostEvents} events`)
  for (const [at, event] of (events as unknown[]).entries()) {
    if (!isJsonObject(event)) return wrongMember([...path, String(at)], event, 'an object')
    const { consumptionItemDescription: text, consumptionTime: time } = event
    if (!isAbsent(text) && !(typeof text === 'string' && text.length <= longestText)) {
      return wrongMember([...path, String(at), 'consumptionItemDescription'], text, `a string of at most ${longestText} characters`)
    }
    if (!isAbsent(time) && !(typeof time === 'string' && timeForm.test(time) && !Number.isNaN(Date.parse(time)))) {
      return wrongMember([...path, String(at), 'consumptionTime'], time, 'a time such as 2026-01-01T00:00:00Z')
    }
  }
  return undefined
}

const mostEvents = 1000
const longestText = 5000
const timeForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

function invalid(sentence: string): Refusal {
  return { ok: false, error: 'invalid-state', sentence }
}
