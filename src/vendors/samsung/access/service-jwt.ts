import type { Call } from '../../../contract.js'
import { realTime } from '../../../kernel/clock.js'
import { smallTable, mostAlike } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import { rsaSignatureHolds } from '../../../receipts/rsa-signature.js'
import { readJws } from '../../../receipts/jws.js'
import { scopes, type Db, type Scope, type ServiceAccount, type tables } from '../tables.js'

/** The service account and the scopes that a JWT asks for, or the claim that failed with a value that would be accepted. */
export type JudgedJwt =
  | { ok: true; account: ServiceAccount; scopes: Scope[] }
  | { ok: false; error: 'auth-require' | 'missing-requirement'; sentence: string; expected: string }

type Refused = Extract<JudgedJwt, { ok: false }>

/** Samsung's page: at most 20 minutes from `iat` to `exp`. */
const longestLifeSeconds = 1200
/** Tolerance for clocks that differ; our choice. */
const toleranceSeconds = 60

/** Checks the JWT of a service account. Its times are judged by the real clock and by that of the workspace, and one of them has to accept them. */
export async function judgeJwt(call: Call<typeof tables>, db: Db, token: string): Promise<JudgedJwt> {
  const read = readJws(token)
  if (!read.ok) return refused(`The bearer token ${read.reason}.`, 'a JWT: three parts of Base64 of URLs with dots between')
  const { header, payload, signed, signature } = read.jws
  if (header['alg'] !== 'RS256') return refused(`The JWT has alg ${show(header['alg'])} in its header.`, 'alg RS256')
  const { iss } = payload
  const account = typeof iss === 'string' ? await db.serviceAccounts.get(iss) : undefined
  if (!account) {
    const like = mostAlike(
      iss,
      (await smallTable(db.serviceAccounts)).map(({ id }) => id),
    )
    const known = like === undefined ? 'an id of samsung.serviceAccounts' : like
    return refused(`The JWT has iss ${show(iss)}, which is in no row of samsung.serviceAccounts.`, `iss ${known}`)
  }
  const key = call.keys.publicKey(account.publicKey)
  if (!key.ok || !rsaSignatureHolds('sha256', signed, { key: key.key, signature })) {
    const sentence = `The signature of the JWT does not fit the public key of service account ${account.id}.`
    return refused(sentence, `a signature with RS256 by the private key of ${account.id}`)
  }
  return timeFault(call, payload) ?? askedScopes(account, payload['scopes'])
}

function timeFault(call: Call<typeof tables>, { iat, exp }: Record<string, unknown>): Refused | undefined {
  if (typeof iat !== 'number') return refused(`The JWT has iat ${show(iat)}.`, 'iat in Unix seconds')
  if (typeof exp !== 'number') return refused(`The JWT has exp ${show(exp)}.`, 'exp in Unix seconds')
  if (exp - iat > longestLifeSeconds) {
    const sentence = `The JWT lives ${exp - iat} s from iat to exp; Samsung takes at most ${longestLifeSeconds} s.`
    return refused(sentence, `exp ${iat + longestLifeSeconds} or earlier`)
  }
  const faultAt = (now: number) => {
    if (exp <= now) return refused(`The JWT expired: exp is ${exp}, and now is ${Math.floor(now)}.`, `exp after ${Math.floor(now)}`)
    if (iat <= now + toleranceSeconds) return undefined
    return refused(`The JWT is from the future: iat is ${iat}, and now is ${Math.floor(now)}.`, `iat ${Math.floor(now)} or earlier`)
  }
  const faults = [realTime(), call.now.getTime()].map((ms) => ({ distance: Math.abs(iat - ms / 1000), fault: faultAt(ms / 1000) }))
  if (faults.some(({ fault }) => fault === undefined)) return undefined
  // The clock that the sender meant is the nearer one.
  return faults.toSorted((a, b) => a.distance - b.distance)[0]!.fault
}

function askedScopes(account: ServiceAccount, asked: unknown): JudgedJwt {
  const expected = `scopes ${JSON.stringify(account.scopes)}`
  const wrong = (sentence: string): Refused => ({ ok: false, error: 'missing-requirement', sentence, expected })
  if (!Array.isArray(asked) || asked.length === 0) return wrong(`The JWT has scopes ${show(asked)}; it needs an array with one at least.`)
  const known = scopes.filter((scope) => asked.includes(scope))
  const unknown = asked.find((scope) => !scopes.some((name) => name === scope))
  if (unknown !== undefined) return wrong(`The JWT asks for the scope ${show(unknown)}; there are ${scopes.join(' and ')}.`)
  const missing = known.find((scope) => !account.scopes.includes(scope))
  if (missing !== undefined) return wrong(`Service account ${account.id} does not have the scope ${missing}.`)
  return { ok: true, account, scopes: known }
}

function refused(sentence: string, expected: string): Refused {
  return { ok: false, error: 'auth-require', sentence, expected }
}
