import type { Call } from '../../../contract.js'
import { expectedMember, smallTable } from '../../../kernel/expected-member.js'
import { brief, show } from '../../../kernel/show.js'
import type { Db, tables } from '../tables.js'
import { publisherScope } from './access.js'
import type { Form, Grant, TokenOutcome } from './token.js'

/** Decides about the refresh token of a user, which only the client that got it may use (RFC 6749, section 6). */
export async function judgeRefreshToken(call: Call<typeof tables>, db: Db, form: Form): Promise<Grant> {
  const { id, secret, isBasic } = clientOf(call, form)
  const refuse = (outcome: TokenOutcome, description: string, sentence: string, member: Member): Grant => ({
    ok: false,
    outcome,
    description,
    sentence,
    expected: [
      isBasic && member.name !== 'refresh_token' && member.name !== 'scope'
        ? expectedMember(['headers', 'authorization'], call.request.header('authorization'), `Basic with ${member.expected}`)
        : expectedMember(['body', member.name], form[member.name], member.expected),
    ],
  })
  const [any] = await smallTable(db.refreshTokens)
  const wantedId = { name: 'client_id', expected: any?.clientId ?? 'the clientId of a row of google_play.refreshTokens' }
  if (!id) return refuse('invalid-request', 'Could not determine client ID from request.', 'client_id is absent.', wantedId)
  const own = await db.refreshTokens.where('byClient', id)
  const [client] = own
  if (!client) {
    const sentence = `client_id is ${show(brief(id, 80))}, which is in no row of google_play.refreshTokens.`
    return refuse('invalid-client', 'The OAuth client was not found.', sentence, wantedId)
  }
  const wantedSecret = { name: 'client_secret', expected: client.clientSecret }
  if (!secret) return refuse('invalid-request', 'client_secret is missing.', `client_secret of ${id} is absent.`, wantedSecret)
  if (!own.some(({ clientSecret }) => clientSecret === secret)) {
    return refuse('invalid-client', 'The provided client secret is invalid.', `client_secret is not that of ${id}.`, wantedSecret)
  }
  const sent = form['refresh_token']
  const wantedToken = { name: 'refresh_token', expected: client.refreshToken }
  if (!sent) return refuse('invalid-request', 'Missing required parameter: refresh_token', 'refresh_token is absent.', wantedToken)
  const shown = show(brief(sent, 24))
  const row = await db.refreshTokens.get(sent)
  if (!row) return refuse('invalid-grant', revoked, `refresh_token ${shown} is in no row of google_play.refreshTokens.`, wantedToken)
  if (row.clientId !== id) {
    return refuse('unauthorized-client', 'Unauthorized', `refresh_token ${shown} belongs to ${row.clientId}, not to ${id}.`, wantedToken)
  }
  const granted = row.scopes ?? [publisherScope]
  const scopes = form['scope']?.split(/ +/).filter((one) => one !== '') ?? []
  const foreign = scopes.find((one) => !granted.includes(one))
  if (foreign !== undefined) {
    const sentence = `scope asks for ${show(foreign)}; the user granted ${granted.join(' ')}.`
    return refuse('invalid-scope', 'Bad Request', sentence, { name: 'scope', expected: granted.join(' ') })
  }
  const scope = (scopes.length > 0 ? scopes : granted).join(' ')
  return { ok: true, email: row.email ?? row.clientId, scope, refreshToken: row.refreshToken }
}

const revoked = 'Token has been expired or revoked.'

/** A parameter of the request with a value that would be accepted. */
interface Member {
  name: string
  expected: string
}

/** Returns id and secret of the client: parameters, or HTTP Basic, of which both parts are encoded as in a form. */
function clientOf(
  { request }: Call<typeof tables>,
  form: Form,
): { id?: string | undefined; secret?: string | undefined; isBasic: boolean } {
  const [, encoded] = /^Basic +([\w+/=-]+) *$/i.exec(request.header('authorization') ?? '') ?? []
  if (encoded === undefined) return { id: form['client_id'], secret: form['client_secret'], isBasic: false }
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  return { id: formDecoded(id), secret: formDecoded(secret), isBasic: true }
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
