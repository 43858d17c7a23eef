import type { Call, ExpectedMember, Transaction } from '../../../contract.js'
import { readObjectAsSent } from '../../../kernel/body.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import type { Ids } from '../../../kernel/ids.js'
import type { Reply } from '../../../kernel/reply.js'
import { brief, show } from '../../../kernel/show.js'
import { accessOf } from '../access/access.js'
import { errorReply, errors, type ErrorName } from '../replies.js'
import { bodyBytesOf, isOverridden, queryOf } from './read-request.js'
import { inForm, readFields } from './response-form.js'
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
  /** Members of the body; empty if there was none. A number that a double would change is a NumberAsSent. */
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
    const fields = queryOf(call.request).get('fields')
    return inForm(decision.reply, { fields: fields === null ? undefined : readFields(fields), isPretty: isPretty(call) })
  } catch (thrown) {
    if (!(thrown instanceof RolledBack)) throw thrown
    const { error, sentence, message, expected } = thrown.refusal
    call.explain(error, sentence, { expected })
    const reply = errorReply({ ...errors[error], ...(message !== undefined && { message }) })
    return inForm(reply, { fields: undefined, isPretty: isPretty(call) })
  }
}

function isPretty({ request }: Call<typeof tables>): boolean {
  return queryOf(request).get('prettyPrint') === 'true'
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
  const query = queryOf(call.request)
  const alt = query.get('alt') ?? query.get('$alt') ?? 'json'
  if (alt !== 'json') {
    const sentence = `alt is ${show(brief(alt, 40))}; answers in another form than JSON are not modelled.`
    return { ok: false, error: 'not-modelled', sentence, expected: [expectedMember(['query', 'alt'], alt, 'json')] }
  }
  const access = await accessOf(call, tx.db)
  if (!access.ok) return access
  const fields = query.get('fields')
  if (fields !== null && !readFields(fields)) {
    const sentence = `fields is ${show(brief(fields, 80))}; it has names with commas between, such as kind,lineItems/productId or a(b,c).`
    const expected = [expectedMember(['query', 'fields'], fields, 'names with commas between')]
    return { ok: false, error: 'invalid-argument', message: `Invalid field selection ${fields}`, sentence, expected }
  }
  const body = bodyOf(call)
  if (!body.ok) return body
  return rule({ ...tx, call, app: access.app, body: body.value })
}

function bodyOf(call: Call<typeof tables>): { ok: true; value: Record<string, unknown> } | Refusal {
  const { request } = call
  if (isOverridden(request)) return { ok: true, value: {} }
  const bytes = bodyBytesOf(request)
  if (bytes.ok && bytes.value.byteLength === 0) return { ok: true, value: {} }
  const read = bytes.ok ? readObjectAsSent(bytes.value) : bytes
  if (!read.ok) {
    const got = Buffer.from(request.body).toString()
    const expected = [expectedMember(['body'], got, 'a JSON object, or no body')]
    return { ok: false, error: 'unreadable', sentence: `The body cannot be read: ${read.reason}.`, expected }
  }
  if (bytes.ok && bytes.value !== request.body) call.reveal({ request: read.value })
  return read
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
export function wrongParameter({ request }: Pick<Call, 'request'>, name: string, expected: string): Refusal {
  const got = queryOf(request).get(name) ?? undefined
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
  const sent = queryOf(call.request).get(name) ?? 'false'
  return sent === 'true' || sent === 'false' ? sent === 'true' : wrongParameter(call, name, 'true or false')
}
