import type { Call, ExpectedMember, VendorTables } from '../../contract.js'
import { smallTable } from '../../kernel/expected-member.js'
import { json, type Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import type { AppFamily, tables } from './tables.js'

/** Returns the client access token of a request: one word after "Bearer" in any case (vendor page, Authentication). */
export function tokenOf(request: Request): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.header('authorization') ?? '')?.[1]
}

/** Returns the app family that a token belongs to. */
export async function familyOf(db: VendorTables<typeof tables>, token: string | undefined): Promise<AppFamily | undefined> {
  if (token === undefined) return undefined
  const [family] = await db.appFamilies.where('byToken', token)
  return family
}

/** Returns the token's header with an accepted token: that of one app family, or else of the first one. */
export async function expectedToken(
  db: VendorTables<typeof tables>,
  request: Request,
  appFamilyId: string | undefined,
): Promise<ExpectedMember> {
  const family = appFamilyId === undefined ? undefined : await db.appFamilies.get(appFamilyId)
  const token = family?.tokens[0] ?? (await smallTable(db.appFamilies)).flatMap(({ tokens }) => tokens)[0]
  return {
    pointer: '/headers/authorization',
    got: request.header('authorization'),
    expected: token === undefined ? 'Bearer and a token of mbaasy.appFamilies' : `Bearer ${token}`,
  }
}

/** Refuses a request whose token belongs to no app family. */
export function unauthenticated(call: Call, expected: ExpectedMember): Reply {
  const header = call.request.header('authorization')
  const token = tokenOf(call.request)
  call.explain('unauthenticated', `${errorOf(header, token)} The accepted tokens are in mbaasy.appFamilies.`, { expected: [expected] })
  return refusal
}

/** The reply to an invalid token, also for faults. */
export const refusal: Reply = json(401, { errors: { base: ['access token is missing, malformed or invalid'] } }, undefined, {
  'WWW-Authenticate': 'Bearer',
})

function errorOf(header: string | undefined, token: string | undefined): string {
  if (header === undefined) return 'The request has no Authorization header; it takes "Bearer <client access token>".'
  if (token === undefined) return `Authorization is ${JSON.stringify(header.slice(0, 20))}…; it takes "Bearer" and one token.`
  return `No app family has the token ${JSON.stringify(token.slice(0, 80))}.`
}
