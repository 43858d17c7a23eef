import type { Call, ExpectedMember } from '../../../contract.js'
import { realTime } from '../../../kernel/clock.js'
import { expectedMember, smallTable } from '../../../kernel/expected-member.js'
import { brief, show } from '../../../kernel/show.js'
import { queryOf } from '../calls/read-request.js'
import { isSignedBy, readJwt, wrongTimes } from './jwt.js'
import type { App, Db, ServiceAccount, tables } from '../tables.js'

/** The scope that the whole API needs. */
export const publisherScope = 'https://www.googleapis.com/auth/androidpublisher'

/** The app that a request may ask about, or the refusal. */
export type Access =
  | { ok: true; app: App }
  | {
      ok: false
      error: 'unauthenticated' | 'invalid-credentials' | 'insufficient-scope' | 'unknown-app' | 'account-not-allowed'
      sentence: string
      expected: ExpectedMember[]
    }

/** A bearer that was accepted, or the reason why not. */
type Bearer =
  | {
      ok: true
      email: string
      scope: string
      /** Apps of a user; absent for a service account and for a user of every app. */
      packageNames?: readonly string[] | undefined
      isUser?: boolean
      /** True if the row of the service account grants less than its JWT asks for. */
      isLimited?: boolean
    }
  | { ok: false; reason: string }

/** Returns the scopes among those asked for that a service account grants. */
export function grantedScopes({ scopes }: ServiceAccount, asked: readonly string[]): string[] {
  return asked.filter((one) => scopes?.includes(one) ?? true)
}

/** Returns the scopes of a claim, which may have commas between them. */
export function scopesIn(claim: unknown): string[] {
  return typeof claim === 'string' ? claim.split(/[ ,]+/).filter((one) => one !== '') : []
}

type User = Pick<Extract<Bearer, { ok: true }>, 'email' | 'packageNames'>

/** Returns the app that a request may ask about: bearer, scope, package, account, in Google's order as far as it is known. */
export async function accessOf(call: Call<typeof tables>, db: Db): Promise<Access> {
  const sent = bearerIn(call)
  const refuse = async (error: 'unauthenticated' | 'invalid-credentials' | 'insufficient-scope', sentence: string): Promise<Access> => {
    const [token] = (await smallTable(db.accessTokens)).filter(({ scope }) => scope.split(' ').includes(publisherScope))
    const wanted = token?.token ?? 'an access token of google_play.accessTokens'
    const expected =
      sent.in === 'header'
        ? expectedMember(['headers', 'authorization'], call.request.header('authorization'), `Bearer ${wanted}`)
        : expectedMember(['query', sent.in], sent.token, wanted)
    return { ok: false, error, sentence, expected: [expected] }
  }
  if (sent.token === undefined) return refuse('unauthenticated', withoutBearer(call))
  const bearer = await judgeBearer(call, db, sent.token)
  if (!bearer.ok) return refuse('invalid-credentials', `The bearer token ${show(brief(sent.token, 24))} ${bearer.reason}.`)
  const { email } = bearer
  if (!bearer.scope.split(' ').includes(publisherScope)) {
    const limit = bearer.isLimited ? ', and scopes of its row in google_play.serviceAccounts grant no more' : ''
    return refuse(
      'insufficient-scope',
      `The token of ${email} has the scope ${show(bearer.scope)}${limit}; the API needs ${publisherScope}.`,
    )
  }
  const packageName = call.request.params['packageName'] ?? ''
  const app = await db.apps.get(packageName)
  const apps = await smallTable(db.apps)
  if (!app) {
    const known = apps[0]?.packageName
    return {
      ok: false,
      error: 'unknown-app',
      sentence: `No row of google_play.apps has the package name ${show(packageName)}${known === undefined ? '' : `; there is ${show(known)}`}.`,
      expected: [expectedMember(['path'], call.request.path, 'the packageName of a row of google_play.apps in the path')],
    }
  }
  const refusal = bearer.isUser ? refuseUser(call, bearer, packageName) : refuseAccount(call, app, email)
  return refusal ?? { ok: true, app }
}

function refuseAccount(call: Call<typeof tables>, { packageName, serviceAccounts }: App, email: string): Access | undefined {
  if (!serviceAccounts || serviceAccounts.includes(email)) return undefined
  const sentence = `${email} is not among the serviceAccounts of ${packageName} in google_play.apps, so it may not ask about the app; grants in the real Play Console take up to a day.`
  return notAllowed(call, sentence, serviceAccounts.join(' or '))
}

function refuseUser(call: Call<typeof tables>, { email, packageNames }: User, packageName: string): Access | undefined {
  if (!packageNames || packageNames.includes(packageName)) return undefined
  const sentence = `${packageName} is not among the packageNames of ${email} in google_play.refreshTokens, so the user may not ask about the app.`
  return notAllowed(call, sentence, `a user of ${packageName}`)
}

function notAllowed({ request }: Call<typeof tables>, sentence: string, accepted: string): Access {
  const expected = [expectedMember(['headers', 'authorization'], request.header('authorization'), `a token of ${accepted}`)]
  return { ok: false, error: 'account-not-allowed', sentence, expected }
}

function bearerIn({ request }: Call<typeof tables>): { in: 'header' | 'access_token' | 'oauth_token'; token: string | undefined } {
  const [, token] = /^Bearer +(\S+) *$/i.exec(request.header('authorization') ?? '') ?? []
  const query = queryOf(request)
  const name = query.has('access_token') ? 'access_token' : 'oauth_token'
  const inQuery = query.get(name) ?? undefined
  return token === undefined && inQuery !== undefined ? { in: name, token: inQuery } : { in: 'header', token }
}

function withoutBearer({ request }: Call<typeof tables>): string {
  if (queryOf(request).has('key')) return 'The request has an API key and no access token; this API needs a service account or a user.'
  const sent = request.header('authorization')
  return `The request has no bearer token: Authorization is ${show(sent === undefined ? undefined : brief(sent, 24))}. Send one of POST /token, or a token of google_play.accessTokens.`
}

async function judgeBearer(call: Call<typeof tables>, db: Db, token: string): Promise<Bearer> {
  const row = await db.accessTokens.get(token)
  if (row) {
    const { email, scope, expiresAt, realExpiresAt } = row
    // Libraries keep a token for an hour of real time, whatever the workspace's clock shows.
    const isFresh = new Date(expiresAt) > call.now || (realExpiresAt !== undefined && new Date(realExpiresAt).getTime() > realTime())
    if (!isFresh) return { ok: false, reason: `of ${email} expired at ${expiresAt}` }
    if (row.refreshToken === undefined) return { ok: true, email, scope }
    const user = await db.refreshTokens.get(row.refreshToken)
    if (!user) return { ok: false, reason: `of ${email} is revoked: its refresh token is in no row of google_play.refreshTokens` }
    return { ok: true, email, scope, isUser: true, packageNames: user.packageNames }
  }
  if (!token.startsWith('ey')) return { ok: false, reason: 'is in no row of google_play.accessTokens' }
  return judgeSelfSigned(call, db, token)
}

/** A JWT that the service account signed itself, which needs no token endpoint. */
async function judgeSelfSigned(call: Call<typeof tables>, db: Db, token: string): Promise<Bearer> {
  const read = readJwt(token)
  if (!read.ok) return { ok: false, reason: `looks like a JWT and ${read.reason}` }
  const { iss, sub, aud, scope } = read.jwt.claims
  const account = typeof iss === 'string' ? await db.serviceAccounts.get(iss) : undefined
  if (!account) return { ok: false, reason: `is a JWT of ${show(iss)}, which is in no row of google_play.serviceAccounts` }
  const key = call.keys.publicKey(account.publicKey)
  if (!key.ok) return { ok: false, reason: `is a JWT of ${account.email}, whose publicKey ${key.reason}` }
  if (!isSignedBy(read.jwt, key.key)) return { ok: false, reason: `is a JWT that the key of ${account.email} did not sign with RS256` }
  const times = wrongTimes({ claims: read.jwt.claims, clocks: [realTime(), call.now.getTime()] })
  if (times !== undefined) return { ok: false, reason: `is a JWT whose ${times}` }
  if (sub !== undefined && sub !== iss) return { ok: false, reason: `is a JWT whose sub ${show(sub)} is not its iss` }
  if (aud !== undefined && !(typeof aud === 'string' && isOurs(aud, call.request.host))) {
    return { ok: false, reason: `is a JWT for ${show(aud)}; its aud has to be ${apiAudience}` }
  }
  const asked = aud === undefined ? scopesIn(scope) : [publisherScope]
  const granted = grantedScopes(account, asked)
  return { ok: true, email: account.email, scope: granted.join(' '), isLimited: granted.length < asked.length }
}

const apiAudience = 'https://androidpublisher.googleapis.com/'

function isOurs(audience: string, host: string): boolean {
  if (!URL.canParse(audience)) return false
  return [new URL(apiAudience).hostname, host].includes(new URL(audience).hostname)
}
