import type { Call, ExpectedMember, Transaction } from '../../../contract.js'
import { readJsonObject } from '../../../kernel/body.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import type { Ids } from '../../../kernel/ids.js'
import type { Reply } from '../../../kernel/reply.js'
import { show } from '../../../kernel/show.js'
import { accessOf } from '../access/access.js'
import { errorReply, errors, type ErrorName } from '../replies.js'
import type { App, Db, tables } from '../tables.js'

/** Tables, effects, time and ids of one transaction. */
export interface Tx {
  db: Db
  transaction: Transaction
  now: Date
  ids: Ids
}

/** A call that may ask about its app. */
export interface Asked extends Tx {
  call: Call<typeof tables>
  app: App
  /** Members of the body; empty if there was none. */
  body: Readonly<Record<string, unknown>>
}

/** A refusal by name, with the reason in a sentence. */
export interface Refusal {
  ok: false
  error: ErrorName
  sentence: string
  /** Replaces the message of the error. */
  message?: string
  expected?: readonly ExpectedMember[]
}

/** Result of a rule: an accepted outcome of the route with its reply, or a refusal. What a rule wrote before it refused is rolled back. */
export type Decision = { ok: true; outcome: string; sentence: string; reply: Reply; warnings?: readonly string[] } | Refusal

/** Runs the rule of an API call in a transaction, after the caller was let in and the body was read. */
export async function answerApi(call: Call<typeof tables>, rule: (asked: Asked) => Promise<Decision>): Promise<Reply> {
  try {
    const decision = await call.transact(async (db, transaction) => {
      const decided = await decide(call, { db, transaction, now: call.now, ids: call.ids }, rule)
      if (!decided.ok) throw new RolledBack(decided)
      return decided
    })
    call.explain(decision.outcome, decision.sentence, { warnings: decision.warnings })
    return decision.reply
  } catch (thrown) {
    if (!(thrown instanceof RolledBack)) throw thrown
    const { error, sentence, message, expected } = thrown.refusal
    call.explain(error, sentence, { expected })
    return errorReply({ ...errors[error], ...(message !== undefined && { message }) })
  }
}

/** Ends a transaction without writing anything. */
class RolledBack extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.error)
  }
}

async function decide(call: Call<typeof tables>, tx: Tx, rule: (asked: Asked) => Promise<Decision>): Promise<Decision> {
  if (!call.reachable('google_play')) {
    const sentence = 'Google Play is unreachable; "coinslot store google_play up" makes it answer.'
    return { ok: false, error: 'store-unreachable', sentence }
  }
  const access = await accessOf(call, tx.db)
  if (!access.ok) return access
  const body = bodyOf(call)
  if (!body.ok) return body
  return rule({ ...tx, call, app: access.app, body: body.value })
}

function bodyOf({ request }: Call<typeof tables>): { ok: true; value: Record<string, unknown> } | Refusal {
  if (request.body.byteLength === 0) return { ok: true, value: {} }
  const read = readJsonObject(request.body)
  if (read.ok) return read
  const got = Buffer.from(request.body).toString()
  return {
    ok: false,
    error: 'unreadable',
    sentence: `The body cannot be read: ${read.reason}.`,
    expected: [expectedMember(['body'], got, 'a JSON object, or no body')],
  }
}

/** A refusal of one member of the body. */
export function wrongMember(path: readonly string[], got: unknown, expected: unknown): Refusal {
  const name = path.join('.')
  return {
    ok: false,
    error: 'invalid-argument',
    message: `Invalid value for ${name}.`,
    sentence: `${name} is ${show(got)}; expected ${typeof expected === 'string' ? expected : show(expected)}.`,
    expected: [expectedMember(['body', ...path], got, expected)],
  }
}

/** Returns the refusal of a request for a query parameter. */
export function wrongParameter({ request: { query } }: Pick<Call, 'request'>, name: string, expected: string): Refusal {
  const got = query.get(name) ?? undefined
  return {
    ok: false,
    error: 'invalid-argument',
    message: `Invalid value for ${name}.`,
    sentence: `${name} is ${show(got)}; expected ${expected}.`,
    expected: [expectedMember(['query', name], got, expected)],
  }
}

/** Returns a query parameter that is true or false, false without it, or the refusal of any other value. */
export function flagIn(call: Pick<Call, 'request'>, name: string): boolean | Refusal {
  const sent = call.request.query.get(name) ?? 'false'
  return sent === 'true' || sent === 'false' ? sent === 'true' : wrongParameter(call, name, 'true or false')
}
