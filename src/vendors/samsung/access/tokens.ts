import type { Call } from '../../../contract.js'
import { expectedMember } from '../../../kernel/expected-member.js'
import { encodingClause, mediaTypeOf } from '../../../kernel/body.js'
import type { Reply } from '../../../kernel/reply.js'
import { brief, show } from '../../../kernel/show.js'
import { answerAsked, replyTo, unreachable, type Decision } from '../api.js'
import type { tables } from '../tables.js'
import { bearerOf } from './access.js'
import { judgeJwt } from './service-jwt.js'

type Scoped = Call<typeof tables>

/** Exchanges the JWT of a service account for an access token. Each call makes a new one, and earlier ones stay valid. */
export async function createToken(call: Scoped): Promise<Reply> {
  const decision = await call.transact(async (db): Promise<Decision> => {
    if (!call.reachable('samsung')) return unreachable
    const header = call.request.header('authorization')
    const pointer = (expected: string) => [expectedMember(['headers', 'authorization'], header, expected)]
    const bearer = bearerOf(header)
    if (bearer === undefined) {
      const got = header === undefined ? 'absent' : show(brief(header, 24))
      const sentence = `Authorization is ${got}; send "Bearer" and a JWT that the service account signed.`
      return { ok: false, error: 'auth-require', sentence, expected: pointer('Bearer and a JWT signed with RS256') }
    }
    const judged = await judgeJwt(call, db, bearer)
    if (!judged.ok) return { ok: false, error: judged.error, sentence: judged.sentence, expected: pointer(`a JWT with ${judged.expected}`) }
    const token = tokenFrom(call.ids.bytes(tokenLength))
    db.accessTokens.put({ token, serviceAccountId: judged.account.id, scopes: judged.scopes })
    const sentence = `Made the access token ${token} for service account ${judged.account.id}; it does not expire.`
    const body = { ok: true, createdItem: { accessToken: token, scopes: judged.scopes } }
    return { ok: true, outcome: 'created', sentence, body, warnings: warningsOf(call) }
  })
  return replyTo(call, decision)
}

/** Confirms a valid access token. */
export function checkToken(call: Scoped): Promise<Reply> {
  return answerAsked(call, async ({ account, token }) => {
    const sentence = `The token ${brief(token, 24)} of service account ${account.id} is valid.`
    return { ok: true, outcome: 'valid', sentence, body: { ok: true } }
  })
}

/** Revokes the access token of the request. */
export function revokeToken(call: Scoped): Promise<Reply> {
  return answerAsked(call, async ({ account, db, now, token }) => {
    const row = await db.accessTokens.get(token)
    if (row) db.accessTokens.put({ ...row, revokedAt: now.toISOString() })
    const sentence = `The token ${brief(token, 24)} of service account ${account.id} is revoked.`
    return { ok: true, outcome: 'revoked', sentence, body: { ok: true } }
  })
}

const tokenLength = 24
const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function tokenFrom(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => characters[byte % characters.length]).join('')
}

function warningsOf({ request }: Scoped): string[] {
  const warnings: string[] = []
  const type = request.header('content-type')
  if (mediaTypeOf(type) !== 'application/json') warnings.push(`Content-Type is ${show(type)}; the page asks for application/json.`)
  const size = request.body.byteLength
  if (size > 0)
    warnings.push(`The call takes no body; its ${size} bytes were ignored${encodingClause(request.header('content-encoding'))}.`)
  return warnings
}
