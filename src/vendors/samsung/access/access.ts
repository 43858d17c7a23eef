import type { Call, ExpectedMember } from '../../../contract.js'
import { expectedMember, mostAlike, smallTable } from '../../../kernel/expected-member.js'
import { brief, show } from '../../../kernel/show.js'
import type { Db, ServiceAccount, tables } from '../tables.js'
import type { Refusal } from '../api.js'

/** The service account that asks, with its token, or the refusal. */
export type Access = { ok: true; account: ServiceAccount; token: string } | Refusal

/** Returns the bearer token of a request. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1]
}

/** Checks access token and service account of a request. */
export async function accessOf(call: Call<typeof tables>, db: Db): Promise<Access> {
  const header = call.request.header('authorization')
  const token = bearerOf(header)
  if (token === undefined) {
    const got = header === undefined ? 'absent' : show(brief(header, 24))
    return refuseToken(call, db, `Authorization is ${got}; send "Bearer" and a token of POST /auth/accessToken.`)
  }
  const row = await db.accessTokens.get(token)
  if (!row) {
    const advice = token.startsWith('ey') ? ' It looks like the JWT, which POST /auth/accessToken takes and exchanges for a token.' : ''
    return refuseToken(call, db, `The token ${show(brief(token, 24))} is in no row of samsung.accessTokens.${advice}`)
  }
  if (row.revokedAt !== undefined) return refuseToken(call, db, `The token ${show(brief(token, 24))} was revoked at ${row.revokedAt}.`)
  const id = call.request.header('service-account-id')
  const account = await db.serviceAccounts.get(row.serviceAccountId)
  if (id !== row.serviceAccountId || !account) {
    const sentence = account
      ? `service-account-id is ${show(id)}; the token was made for ${row.serviceAccountId}.`
      : `The token belongs to service account ${row.serviceAccountId}, which is in no row of samsung.serviceAccounts.`
    return {
      ok: false,
      error: 'auth-require',
      sentence,
      expected: [expectedMember(['headers', 'service-account-id'], id, row.serviceAccountId)],
    }
  }
  return { ok: true, account, token }
}

/** Refuses a token without the scope of purchases. */
export async function scopeFault(call: Call<typeof tables>, db: Db, token: string): Promise<Refusal | undefined> {
  const row = await db.accessTokens.get(token)
  if (row?.scopes.includes('publishing')) return undefined
  const sentence = `The token has the scopes ${JSON.stringify(row?.scopes ?? [])}; calls about purchases need publishing.`
  return { ok: false, error: 'no-permission', sentence, expected: [await expectedToken(call, db)] }
}

/** Refuses a package that does not belong to the seller of the service account. */
export async function packageFault(db: Db, account: ServiceAccount, named: NamedPackage): Promise<Refusal | undefined> {
  const app = await db.apps.get(named.packageName)
  if (app?.sellerSeq === account.sellerSeq) return undefined
  const own = (await smallTable(db.apps)).filter(({ sellerSeq }) => sellerSeq === account.sellerSeq)
  const like = mostAlike(
    named.packageName,
    own.map(({ packageName }) => packageName),
  )
  const sentence = app
    ? `${named.packageName} belongs to seller ${app.sellerSeq}, the service account to ${account.sellerSeq}.`
    : `No row of samsung.apps has the package name ${show(named.packageName)}.`
  return { ok: false, error: 'not-your-content', sentence, expected: [named.expected(like ?? 'a packageName of samsung.apps')] }
}

/** A package name of a request, and the member that it stands in. */
export interface NamedPackage {
  packageName: string
  expected(accepted: string): ExpectedMember
}

async function refuseToken(call: Call<typeof tables>, db: Db, sentence: string): Promise<Refusal> {
  return { ok: false, error: 'auth-require', sentence, expected: [await expectedToken(call, db)] }
}

async function expectedToken(call: Call<typeof tables>, db: Db): Promise<ExpectedMember> {
  const usable = (await smallTable(db.accessTokens)).find((row) => row.revokedAt === undefined && row.scopes.includes('publishing'))
  const token = usable?.token ?? 'an access token of samsung.accessTokens with the scope publishing'
  return expectedMember(['headers', 'authorization'], call.request.header('authorization'), `Bearer ${token}`)
}
