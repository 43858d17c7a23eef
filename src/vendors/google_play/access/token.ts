import type { Call, ExpectedMember } from '../../../contract.js'
import { looksLikeJson, readForm, readObjectAsSent } from '../../../kernel/body.js'
import { realTime } from '../../../kernel/clock.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import { writeAsSent } from '../../../kernel/json/as-sent.js'
import { json, type Reply } from '../../../kernel/reply.js'
import type { Request } from '../../../kernel/request.js'
import { show } from '../../../kernel/show.js'
import { bodyBytesOf } from '../calls/read-request.js'
import { tokenError } from '../replies.js'
import type { Db, tables } from '../tables.js'
import { assertionGrant, judgeAssertion } from './assertion-grant.js'
import { judgeRefreshToken } from './refresh-grant.js'

/** Outcomes of the token endpoint with status and error of each refusal. */
const refusals = {
  'invalid-grant': [400, 'invalid_grant'],
  'invalid-scope': [400, 'invalid_scope'],
  'unsupported-grant-type': [400, 'unsupported_grant_type'],
  'invalid-request': [400, 'invalid_request'],
  'invalid-client': [401, 'invalid_client'],
  'unauthorized-client': [401, 'unauthorized_client'],
} as const
export type TokenOutcome = keyof typeof refusals

/** Parameters of a token request. */
export type Form = Readonly<Record<string, string>>

/** A granted token, or the refusal. */
export type Grant =
  | {
      ok: true
      email: string
      scope: string
      /** The token that was refreshed; absent for a service account. */
      refreshToken?: string
    }
  | { ok: false; outcome: TokenOutcome; description: string; sentence: string; expected?: readonly ExpectedMember[] }

/** `POST /token`: exchanges the assertion of a service account, or the refresh token of a user, for an access token. */
export async function issueToken(call: Call<typeof tables>): Promise<Reply> {
  const form = formOf(call)
  const { token, grant } = await call.transact(async (db) => {
    const judged = form.ok ? await judge(call, db, form.value) : unreadable(form.reason)
    if (!judged.ok) return { token: undefined, grant: judged }
    const { email, scope, refreshToken } = judged
    const bearer = `${refreshToken === undefined ? 'ya29.c.' : 'ya29.a0'}${call.ids.bytes(90).toString('base64url')}`
    const expiresAt = new Date(call.now.getTime() + lifeSeconds * 1000).toISOString()
    const realExpiresAt = new Date(realTime() + lifeSeconds * 1000).toISOString()
    db.accessTokens.put({ token: bearer, email, scope, expiresAt, realExpiresAt, ...(refreshToken !== undefined && { refreshToken }) })
    return { token: bearer, grant: judged }
  })
  if (!grant.ok) {
    call.explain(grant.outcome, grant.sentence, { expected: grant.expected })
    const [status, error] = refusals[grant.outcome]
    return tokenError(status, error, grant.description)
  }
  call.explain('issued', `${grant.email} gets an access token with the scope ${show(grant.scope)}.`)
  const body = {
    access_token: token,
    expires_in: lifeSeconds,
    // The reply to a service account has no scope.
    ...(grant.refreshToken !== undefined && { scope: grant.scope }),
    token_type: 'Bearer',
  }
  return json(200, body, 'application/json; charset=utf-8')
}

const lifeSeconds = 3599

function formOf({ request }: Call<typeof tables>): ReturnType<typeof readForm> {
  const bytes = bodyBytesOf(request)
  if (!bytes.ok) return bytes
  if (!isJson(request)) return readForm(bytes.value)
  const read = readObjectAsSent(bytes.value)
  if (!read.ok) return read
  return { ok: true, value: Object.fromEntries(Object.entries(read.value).map(([name, value]) => [name, textOf(value)])) }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : writeAsSent(value)
}

function unreadable(reason: string): Grant {
  return { ok: false, outcome: 'invalid-request', description: 'Bad Request', sentence: `The form cannot be read: ${reason}.` }
}

async function judge(call: Call<typeof tables>, db: Db, form: Form): Promise<Grant> {
  const asked = form['grant_type']
  if (asked === assertionGrant) return judgeAssertion(call, db, form)
  if (asked === 'refresh_token') return judgeRefreshToken(call, db, form)
  return {
    ok: false,
    outcome: 'unsupported-grant-type',
    description: `Invalid grant_type: ${asked ?? ''}`,
    sentence: `grant_type is ${show(asked)}${asked === undefined ? jsonClause(call) : ''}; a service account sends ${assertionGrant}, and a user refresh_token. Other grants are not modelled.`,
    expected: [expectedMember(['body', 'grant_type'], asked, assertionGrant)],
  }
}

/** Names the body of a request without parameters, if it is JSON that was read as a form. */
function jsonClause({ request }: Call<typeof tables>): string {
  const bytes = bodyBytesOf(request)
  if (!bytes.ok || isJson(request) || !looksLikeJson(bytes.value)) return ''
  return ', because the body is JSON and was read as a form: send it with Content-Type: application/json'
}

function isJson(request: Request): boolean {
  return request.header('content-type')?.toLowerCase().includes('json') === true
}
