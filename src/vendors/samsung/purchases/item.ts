import type { Call } from '../../../contract.js'
import type { Reply } from '../../../kernel/reply.js'
import { act } from '../../../marketplace/actions.js'
import { answerAboutPackage, bodyOf, wrongMember, type Decision, type Refusal } from '../api.js'
import { isRefunded, kindOf } from '../facts.js'
import { errors } from '../replies.js'
import type { tables } from '../tables.js'
import { findInPackage, type InPackage } from './find.js'

/** Actions on a purchase that was delivered. */
export const itemActions = ['consume', 'acknowledge'] as const
type ItemAction = (typeof itemActions)[number]

/** Result for one purchase: changed now, changed earlier, or refused. */
type Result = { ok: true; isRepeated: boolean; sentence: string } | Refusal

/** Marks purchases as acknowledged or consumed. */
export function answerDelivered(call: Call<typeof tables>): Promise<Reply> {
  return answerAboutPackage(call, async (asked): Promise<Decision> => {
    const read = bodyOf(call)
    if (!read.ok) return read
    const { action, purchasedIdList: list } = read.members
    const known = itemActions.find((name) => name === action)
    if (!known) return wrongMember('action', action, { expected: 'acknowledge', advice: 'send consume or acknowledge' })
    const further = idsIn(list)
    if (!further) return wrongMember('purchasedIdList', list, { expected: [], advice: 'send an array of purchase ids' })
    const ids = [...new Set([call.request.params['purchaseId'] ?? '', ...further])]
    const results: { id: string; result: Result }[] = []
    for (const id of ids) results.push({ id, result: await deliver(asked, id, known) })
    return decide(results, known, read.warnings)
  })
}

/** Decides the reply: refused only if there is no purchase that succeeded. */
function decide(results: readonly { id: string; result: Result }[], action: ItemAction, warnings: readonly string[]): Decision {
  const accepted = results.flatMap(({ result }) => (result.ok ? [result] : []))
  const [first] = results
  if (accepted.length === 0 && first && !first.result.ok) return first.result
  const purchaseItemList = results.map(({ id, result }) => ({ purchaseId: id, ...statusOf(result) }))
  const isRepeated = accepted.every((result) => result.isRepeated)
  const sentences = results.map(({ result }) => result.sentence)
  const shown = sentences.length > 3 ? [...sentences.slice(0, 3), `${sentences.length - 3} more.`] : sentences
  return {
    ok: true,
    outcome: isRepeated ? 'repeated' : action === 'consume' ? 'consumed' : 'acknowledged',
    sentence: shown.join(' '),
    warnings,
    body: { code: '0000', message: 'Success', totalCount: results.length, purchaseItemList },
  }
}

async function deliver(asked: InPackage, id: string, action: ItemAction): Promise<Result> {
  const found = await findInPackage(asked, id, (row) =>
    action === 'consume' && kindOf(row) === 'subscription' ? 'is of a subscription, which can be acknowledged and not consumed' : undefined,
  )
  if (!found.ok) return found
  const { row } = found
  if (isRefunded(row)) {
    const sentence = `Purchase ${id} was refunded${row.refundedAt === undefined ? '' : ` at ${row.refundedAt}`}, so there is nothing to ${action}.`
    return { ok: false, error: 'item-refunded', sentence }
  }
  if (action === 'consume' && row.consumedAt !== undefined) {
    return { ok: false, error: 'already-consumed', sentence: `Purchase ${id} was consumed at ${row.consumedAt}.` }
  }
  if (action === 'acknowledge' && row.acknowledgedAt !== undefined) {
    return { ok: true, isRepeated: true, sentence: `Purchase ${id} was acknowledged at ${row.acknowledgedAt}; nothing changed.` }
  }
  const after = act(row, action, { now: asked.now, store: 'samsung', token: row.token })
  await asked.transaction.marketplace.change('samsung', row.token, after, { action, body: {} })
  return { ok: true, isRepeated: false, sentence: `Purchase ${id} is ${action === 'consume' ? 'consumed' : 'acknowledged'}.` }
}

function statusOf(result: Result): { statusCode: string; statusString: string } {
  if (result.ok) return { statusCode: '0', statusString: 'success.' }
  const { code, message } = errors[result.error]
  return { statusCode: code, statusString: message }
}

/** Returns the ids of `purchasedIdList`: strings, or objects with a purchaseId, as the page names them. Undefined if it is something else. */
function idsIn(list: unknown): string[] | undefined {
  if (list === undefined) return []
  if (!Array.isArray(list)) return undefined
  const ids: string[] = []
  for (const entry of list as unknown[]) {
    const id = typeof entry === 'object' && entry !== null ? (entry as { purchaseId?: unknown }).purchaseId : entry
    if (typeof id !== 'string') return undefined
    ids.push(id)
  }
  return ids
}
