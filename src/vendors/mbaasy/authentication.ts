import type { Call, VendorTables } from '../../contract.js'
import { json, type Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import type { AppFamily, tables } from './tables.js'

/** The client access token of a request: one word after "Bearer", in whatever case (vendor page, Authentication). */
export function tokenOf(request: Request): string | undefined {
  return /^bearer +(\S+) *$/i.exec(request.header('authorization') ?? '')?.[1]
}

/** The app family that a token opens. */
export async function familyOf(db: VendorTables<typeof tables>, token: string | undefined): Promise<AppFamily | undefined> {
  if (token === undefined) return undefined
  const [family] = await db.appFamilies.where('byToken', token)
  return family
}

/** Refuses a request whose token opens nothing, saying what is wrong with it. */
export function unauthenticated(call: Call): Reply {
  const header = call.request.header('authorization')
  const token = tokenOf(call.request)
  call.explain('unauthenticated', `${faultOf(header, token)} The tokens that open something stand in mbaasy.appFamilies.`)
  return refusal
}

/** The refusal itself, also for faults. */
export const refusal: Reply = json(401, { errors: { base: ['access token is missing, malformed or invalid'] } }, undefined, {
  'WWW-Authenticate': 'Bearer',
})

function faultOf(header: string | undefined, token: string | undefined): string {
  if (header === undefined) return 'The request has no Authorization header; it takes "Bearer <client access token>".'
  if (token === undefined) return `Authorization is ${JSON.stringify(header.slice(0, 20))}…; it takes "Bearer" and one token.`
  return `No app family has the token ${JSON.stringify(token.slice(0, 80))}.`
}
