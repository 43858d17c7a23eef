import type { Call } from '../../../contract.js'
import { realTime } from '../../../kernel/clock.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import type { Db, tables } from '../tables.js'
import { grantedScopes, publisherScope, scopesIn } from './access.js'
import { isSignedBy, readJwt, wrongTimes } from './jwt.js'
import type { Form, Grant, TokenOutcome } from './token.js'

/** Grant that a service account asks for with an assertion. */
export const assertionGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** URLs of the token endpoint, any of which the assertion may name. */
const audiences = [
  'https://oauth2.googleapis.com/token',
  'https://www.googleapis.com/oauth2/v4/token',
  'https://accounts.google.com/o/oauth2/token',
  'https://www.googleapis.com/oauth2/v3/token',
]

/** Decides about the assertion that a service account signed. */
export async function judgeAssertion(call: Call<typeof tables>, db: Db, form: Form): Promise<Grant> {
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
  const scopes = scopesIn(scope)
  const granted = grantedScopes(account, scopes)
  if (granted.length === 0 || !scopes.every((one) => one.startsWith('https://www.googleapis.com/auth/') || openIdScopes.includes(one))) {
    const sentence = `scope is ${show(scope)}; this API needs ${publisherScope}${account.scopes ? ', which the row of the account has to grant' : ''}.`
    return refuse('Invalid OAuth scope or ID token audience provided.', sentence, 'invalid-scope')
  }
  return { ok: true, email: account.email, scope: granted.join(' ') }
}

const openIdScopes = ['openid', 'email', 'profile']
const wrongTimesDescription =
  'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.'
