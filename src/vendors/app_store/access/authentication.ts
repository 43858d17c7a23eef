import type { Call, ExpectedMember } from '../../../contract.js'
import { gotValue, mostAlike, smallTable } from '../../../kernel/expected-member.js'
import { realTime } from '../../../kernel/clock.js'
import { show } from '../../../kernel/show.js'
import { es256Holds, parseEcPublicKey } from '../../../pki/ec-key.js'
import { readJws, type Jws } from '../../../receipts/jws.js'
import type { ApiKey, App, AppStoreTables, Environment } from '../tables.js'

/** Result of checking a token: the app that it acts for, or the claim that failed. */
export type Authenticated = { ok: true; app: App; warnings: readonly string[] } | { ok: false; sentence: string; expected: unknown }

type Scoped = Call<AppStoreTables>
type Refused = Extract<Authenticated, { ok: false }>

const audience = 'appstoreconnect-v1'
const longestLifeSeconds = 3600
/** Tolerance for clocks that differ; our choice. */
const toleranceSeconds = 60

/** Returns the bearer token of a request. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}

/**
 * Checks the token of a request (Apple's page, Generating JSON Web Tokens for API requests). Its times hold by the real clock or by the clock of the
 * workspace, because client libraries take them from the machine.
 */
export async function authenticate(call: Scoped, environment: Environment): Promise<Authenticated> {
  const header = call.request.header('authorization')
  if (header === undefined) return refused('The request has no Authorization header.', 'Bearer and a JSON Web Token signed with ES256')
  const token = bearerOf(header)
  if (token === undefined) return refused(`Authorization is ${show(header)}, not "Bearer" and one token.`, 'Bearer and a JSON Web Token')
  const read = readJws(token)
  if (!read.ok) return refused(`The bearer token ${read.reason}.`, 'a JSON Web Token: three parts of Base64 of URLs')
  const { jws } = read
  const { alg, kid } = jws.header
  if (alg !== 'ES256') return refused(`The token has alg ${show(alg)} in its header; Apple takes ES256 alone.`, 'alg ES256')
  const found = await call.transact(async (db) => {
    const known = typeof kid === 'string' ? await db.keys.where('byKeyId', kid) : []
    const bid = jws.payload['bid']
    const app = typeof bid === 'string' ? await db.apps.get(bid) : undefined
    return {
      known,
      app,
      keyIds: known.length > 0 ? [] : (await smallTable(db.keys)).map(({ keyId }) => keyId),
      bundleIds: app ? [] : (await smallTable(db.apps)).map(({ bundleId }) => bundleId),
    }
  })
  if (found.known.length === 0) {
    const like = mostAlike(kid, found.keyIds)
    return refused(
      `No key in app_store.keys has the kid ${show(kid)} of the token's header.`,
      like === undefined ? 'a kid of app_store.keys' : `kid ${like}`,
    )
  }
  return claims(call, jws, { ...found, environment })
}

/** Facts to check the claims of a token against. */
interface Known {
  known: readonly ApiKey[]
  app: App | undefined
  bundleIds: readonly string[]
  environment: Environment
}

function claims(call: Scoped, jws: Jws, { known, app, bundleIds, environment }: Known): Authenticated {
  const { iss, aud, bid } = jws.payload
  const key = known.find(({ issuerId }) => issuerId === iss)
  if (!key)
    return refused(`The token has iss ${show(iss)}; the key ${known[0]!.keyId} belongs to another issuer.`, `iss ${known[0]!.issuerId}`)
  const parsed = call.keys.prepared(`EC ${key.publicKey}`, () => parseEcPublicKey(key.publicKey))
  // A client sends one token for up to an hour, and checking its signature costs more than the rest of most calls.
  const signature = Buffer.from(jws.signature).toString('base64')
  const holds = call.keys.prepared(
    `ES256 ${key.publicKey} ${jws.signed} ${signature}`,
    // Rows hold valid keys only.
    () => parsed.ok && es256Holds(jws.signed, { key: parsed.key, signature: jws.signature }),
  )
  if (!holds) {
    const form =
      jws.signature.length === 64 ? '' : ` It has ${jws.signature.length} bytes, and ES256 has 64: the two numbers side by side, not DER.`
    return refused(
      `The signature of the token does not fit the public key of ${key.keyId}.${form}`,
      `a signature by the private key of ${key.keyId}`,
    )
  }
  if (aud !== audience) return refused(`The token has aud ${show(aud)}.`, `aud ${audience}`)
  const times = timeFault(call, jws.payload)
  if (times) return times
  if (typeof bid !== 'string') return refused(`The token has bid ${show(bid)}; it names the app of the request.`, 'bid and a bundle id')
  if (!app)
    return refused(`No app in app_store.apps has the bid "${bid}" of the token.`, `bid ${mostAlike(bid, bundleIds) ?? 'of app_store.apps'}`)
  if (key.bundleIds && !key.bundleIds.includes(bid)) {
    return refused(`The key ${key.keyId} is for ${key.bundleIds.join(', ')}, not for bid "${bid}".`, `bid ${key.bundleIds[0] ?? ''}`)
  }
  if (environment === 'Production' && app.released === false) {
    const sentence = `${bid} is not released ("released": false in app_store.apps), so the production environment refuses every token; the sandbox environment takes it.`
    return refused(sentence, 'the sandbox environment, or a released app')
  }
  const life = Number(jws.payload['exp']) - Number(jws.payload['iat'])
  const warnings =
    life === longestLifeSeconds ? ['a lifetime of exactly 3600 s was refused by Apple’s sandbox environment; make it shorter'] : []
  return { ok: true, app, warnings }
}

/** Judges `iat` and `exp` by either clock; the sentence of the real one counts if both refuse. */
function timeFault(call: Scoped, { iat, exp }: Record<string, unknown>): Refused | undefined {
  if (typeof iat !== 'number') return refused(`The token has iat ${show(iat)}.`, 'iat in Unix seconds')
  if (typeof exp !== 'number') return refused(`The token has exp ${show(exp)}.`, 'exp in Unix seconds')
  const life = exp - iat
  if (life > longestLifeSeconds) {
    return refused(
      `The token lives ${life} s from iat to exp; Apple takes at most ${longestLifeSeconds} s.`,
      `exp ${iat + longestLifeSeconds} or earlier`,
    )
  }
  const faultAt = (now: number): Refused | undefined => {
    if (exp <= now)
      return refused(`The token expired: exp ${exp} is ${shown(exp)}, and now is ${shown(now)}.`, `exp after ${Math.floor(now)}`)
    if (iat <= now + toleranceSeconds) return undefined
    return refused(
      `The token is from the future: iat ${iat} is ${shown(iat)}, and now is ${shown(now)}.`,
      `iat ${Math.floor(now)} or earlier`,
    )
  }
  const real = faultAt(realTime() / 1000)
  return real && faultAt(call.now.getTime() / 1000) && real
}

function refused(sentence: string, expected: unknown): Refused {
  return { ok: false, sentence, expected }
}

/** The header as a member that was not accepted. */
export function expectedHeader(call: Scoped, expected: unknown): ExpectedMember {
  return { pointer: '/headers/authorization', got: gotValue(call.request.header('authorization')), expected }
}

function shown(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}
