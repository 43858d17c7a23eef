import type { Call, ExpectedMember } from '../../../contract.js'
import { readForm, readJsonObject } from '../../../kernel/body.js'
import { realTime } from '../../../kernel/clock.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import { json, type Reply } from '../../../kernel/reply.js'
import { show } from '../../../kernel/show.js'
import { publisherScope } from './access.js'
import { isSignedBy, readJwt, wrongTimes } from './jwt.js'
import { tokenError } from '../replies.js'
import type { Db, tables } from '../tables.js'

/** Outcomes of the token endpoint with the error of each refusal. */
export const tokenErrors = {
  'invalid-grant': 'invalid_grant',
  'invalid-scope': 'invalid_scope',
  'unsupported-grant-type': 'unsupported_grant_type',
  'invalid-request': 'invalid_request',
} as const
type TokenOutcome = keyof typeof tokenErrors

/** A granted token, or the refusal. */
type Grant =
  | { ok: true; email: string; scope: string }
  | { ok: false; outcome: TokenOutcome; description: string; sentence: string; expected?: ExpectedMember[] }

/** URLs of the token endpoint, any of which the assertion may name. */
const audiences = [
  'https://oauth2.googleapis.com/token',
  'https://www.googleapis.com/oauth2/v4/token',
  'https://accounts.google.com/o/oauth2/token',
  'https://www.googleapis.com/oauth2/v3/token',
]

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** `POST /token`: exchanges an assertion that a service account signed for an access token. */
export async function issueToken(call: Call<typeof tables>): Promise<Reply> {
  const form = formOf(call)
  const { token, grant } = await call.transact(async (db) => {
    const judged = form.ok ? await judge(call, db, form.value) : unreadable(form.reason)
    if (!judged.ok) return { token: undefined, grant: judged }
    const bearer = `ya29.c.${call.ids.bytes(90).toString('base64url')}`
    const expiresAt = new Date(call.now.getTime() + lifeSeconds * 1000).toISOString()
    const realExpiresAt = new Date(realTime() + lifeSeconds * 1000).toISOString()
    db.accessTokens.put({ token: bearer, email: judged.email, scope: judged.scope, expiresAt, realExpiresAt })
    return { token: bearer, grant: judged }
  })
  if (!grant.ok) {
    call.explain(grant.outcome, grant.sentence, { expected: grant.expected })
    return tokenError(400, tokenErrors[grant.outcome], grant.description)
  }
  call.explain('issued', `${grant.email} gets an access token with the scope ${show(grant.scope)}.`)
  return json(200, { access_token: token, expires_in: lifeSeconds, token_type: 'Bearer' }, 'application/json; charset=utf-8')
}

const lifeSeconds = 3599

function formOf({ request }: Call<typeof tables>): ReturnType<typeof readForm> {
  const isJson = request.header('content-type')?.toLowerCase().includes('json') === true
  if (!isJson) return readForm(request.body)
  const read = readJsonObject(request.body)
  if (!read.ok) return read
  return { ok: true, value: Object.fromEntries(Object.entries(read.value).map(([name, value]) => [name, String(value)])) }
}

function unreadable(reason: string): Grant {
  return { ok: false, outcome: 'invalid-request', description: 'Bad Request', sentence: `The form cannot be read: ${reason}.` }
}

async function judge(call: Call<typeof tables>, db: Db, form: Readonly<Record<string, string>>): Promise<Grant> {
  const asked = form['grant_type']
  if (asked !== grantType) {
    const description = `Invalid grant_type: ${asked ?? ''}`
    const sentence = `grant_type is ${show(asked)}; a service account sends ${grantType}. Other grants are not modelled.`
    return {
      ok: false,
      outcome: 'unsupported-grant-type',
      description,
      sentence,
      expected: [expectedMember(['body', 'grant_type'], asked, grantType)],
    }
  }
  const assertion = form['assertion']
  const expected = [expectedMember(['body', 'assertion'], assertion, 'a JWT that the key of a row of google_play.serviceAccounts signed')]
  if (assertion === undefined || assertion === '') {
    const sentence = 'assertion is absent; it is the JWT that the service account signs.'
    return { ok: false, outcome: 'invalid-request', description: 'Missing required parameter: assertion', sentence, expected }
  }
  const refuse = (description: string, sentence: string, outcome: TokenOutcome = 'invalid-grant'): Grant => ({
    ok: false,
    outcome,
    description,
    sentence,
    expected,
  })
  const read = readJwt(assertion)
  if (!read.ok) return refuse('Invalid JWT: Failed to parse the assertion.', `The assertion ${read.reason}.`)
  const { claims, header } = read.jwt
  const { iss, aud, scope } = claims
  const account = typeof iss === 'string' ? await db.serviceAccounts.get(iss) : undefined
  if (!account)
    return refuse('Invalid grant: account not found', `iss is ${show(iss)}; no row of google_play.serviceAccounts has this email.`)
  const key = call.keys.publicKey(account.publicKey)
  if (!key.ok) return refuse('Invalid JWT Signature.', `The publicKey of ${account.email} in google_play.serviceAccounts ${key.reason}.`)
  if (header['kid'] !== undefined && header['kid'] !== account.keyId)
    return refuse('Invalid JWT Signature.', `kid is ${show(header['kid'])}; the key of ${account.email} is ${account.keyId}.`)
  if (!isSignedBy(read.jwt, key.key))
    return refuse(
      'Invalid JWT Signature.',
      `The key of ${account.email} did not sign the assertion with RS256; its alg is ${show(header['alg'])}.`,
    )
  const times = wrongTimes({ claims, clocks: [realTime(), call.now.getTime()] })
  if (times !== undefined) return refuse(wrongTimesDescription, `The assertion is refused because ${times}.`)
  if (typeof aud !== 'string' || !audiences.includes(aud))
    return refuse('Invalid JWT: Failed audience check.', `aud is ${show(aud)}; it has to be ${audiences[0]}.`)
  const scopes = typeof scope === 'string' ? scope.split(/[ ,]+/).filter((one) => one !== '') : []
  const granted = account.scopes ? scopes.filter((one) => account.scopes?.includes(one)) : scopes
  if (granted.length === 0 || !scopes.every((one) => one.startsWith('https://www.googleapis.com/auth/') || openIdScopes.includes(one))) {
    const sentence = `scope is ${show(scope)}; this API needs ${publisherScope}${account.scopes ? ', which the row of the account has to grant' : ''}.`
    return refuse('Invalid OAuth scope or ID token audience provided.', sentence, 'invalid-scope')
  }
  return { ok: true, email: account.email, scope: granted.join(' ') }
}

const openIdScopes = ['openid', 'email', 'profile']
const wrongTimesDescription =
  'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.'
