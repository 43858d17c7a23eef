import type { Call, ExpectedMember } from '../../contract.js'
import { encodingClause, mediaTypeOf, readObjectAsSent } from '../../kernel/body.js'
import { expectedMember } from '../../kernel/expected-member.js'
import { json, type Reply } from '../../kernel/reply.js'
import { show } from '../../kernel/show.js'
import { accessOf, packageFault, scopeFault } from './access/access.js'
import type { Tx } from './ledger.js'
import { errorReply, errors, type ErrorName } from './replies.js'
import type { ServiceAccount, tables } from './tables.js'

/** A refusal by name, with the reason in a sentence. */
export interface Refusal {
  ok: false
  error: ErrorName
  sentence: string
  expected?: readonly ExpectedMember[]
}

/** Result of a rule: an outcome of the route with its reply, or a refusal. */
export type Decision = { ok: true; outcome: string; sentence: string; body: unknown; warnings?: readonly string[] } | Refusal

/** A call whose token was accepted. */
export interface Asked extends Tx {
  call: Call<typeof tables>
  account: ServiceAccount
  token: string
}

/** Runs the rule of a Developer API call in a transaction, after token and service account were accepted. */
export async function answerAsked(call: Call<typeof tables>, rule: (asked: Asked) => Promise<Decision>): Promise<Reply> {
  const decision = await call.transact(async (db, transaction): Promise<Decision> => {
    if (!call.reachable('samsung')) return unreachable
    const access = await accessOf(call, db)
    if (!access.ok) return access
    const { account, token } = access
    return rule({ call, db, transaction, now: call.now, ids: call.ids, keys: call.keys, account, token })
  })
  return replyTo(call, decision)
}

/** Explains a decision and returns its reply. */
export function replyTo(call: Call<typeof tables>, decision: Decision): Reply {
  if (decision.ok) {
    call.explain(decision.outcome, decision.sentence, { warnings: decision.warnings })
    return json(200, decision.body)
  }
  call.explain(decision.error, decision.sentence, { expected: decision.expected })
  return errorReply(errors[decision.error])
}

/** The refusal while the store is not reachable. */
export const unreachable: Refusal = {
  ok: false,
  error: 'service-error',
  sentence: 'The Galaxy Store is not reachable; "coinslot store samsung up" makes it answer.',
}

/** Runs a rule about purchases of the package in the path, after scope and package were accepted. */
export function answerAboutPackage(call: Call<typeof tables>, rule: (asked: Asked & { packageName: string }) => Promise<Decision>) {
  return answerAsked(call, async (asked) => {
    const { packageName = '' } = call.request.params
    const expected = (accepted: string) =>
      expectedMember(['path'], call.request.path, `the packageName ${accepted} after /applications/ in the path`)
    const fault =
      (await scopeFault(call, asked.db, asked.token)) ?? (await packageFault(asked.db, asked.account, { packageName, expected }))
    return fault ?? rule({ ...asked, packageName })
  })
}

/** Members of a JSON body with warnings about its form, or the refusal. */
export type ReadBody = { ok: true; members: Readonly<Record<string, unknown>>; warnings: string[] } | Refusal

/** Reads the JSON body of a request, whatever its media type. */
export function bodyOf({ request }: Call<typeof tables>): ReadBody {
  const type = request.header('content-type')
  const isJson = mediaTypeOf(type) === 'application/json'
  const warnings = isJson ? [] : [`Content-Type is ${show(type)}; the Developer API requires application/json.`]
  if (request.body.byteLength === 0) return { ok: true, members: {}, warnings }
  const read = readObjectAsSent(request.body)
  if (read.ok) return { ok: true, members: read.value, warnings }
  const reason = `${read.reason}${encodingClause(request.header('content-encoding'))}`
  const expected = expectedMember(['body'], Buffer.from(request.body).toString(), 'a JSON object')
  return { ok: false, error: 'missing-requirement', sentence: `The body cannot be read: ${reason}.`, expected: [expected] }
}

/** The refusal of a member of the body. */
export function wrongMember(name: string, got: unknown, { expected, advice }: { expected: unknown; advice: string }): Refusal {
  const sentence = `${name} is ${show(got)}; ${advice}.`
  return { ok: false, error: 'missing-requirement', sentence, expected: [expectedMember(['body', name], got, expected)] }
}

/** Refusals that every call about purchases can have. */
export const commonRefusals = {
  'auth-require': 401,
  'no-permission': 403,
  'missing-requirement': 400,
  'not-your-content': 400,
  'service-error': 500,
} as const satisfies Partial<Record<ErrorName, number>>
