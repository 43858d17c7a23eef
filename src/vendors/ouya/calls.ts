import type { Call, Scope, VendorTables, Transaction } from '../../contract.js'
import type { Reply } from '../../kernel/reply.js'
import type { Request } from '../../kernel/request.js'
import { show } from '../../kernel/show.js'
import { expectedForm, expectedToken } from './expected.js'
import { formOf, takesForm, tokenOf, type Form, type PresentedToken } from './form.js'
import { replyWith, refuse, type Decision, type Refusal } from './replies.js'
import type { Gamer, tables } from './tables.js'

/** OUYA's view of a workspace, of a call and of its rows. */
export type OuyaScope = Scope<typeof tables>
export type OuyaCall = Call<typeof tables>
export type Rows = VendorTables<typeof tables>

/** A call of a gamer who is signed in, inside a transaction. */
export interface SignedInCall {
  db: Rows
  transaction: Transaction
  gamer: Gamer
  form: Form
}

/** Replies to a call that needs a token: finds the gamer and decides in one transaction. */
export async function withGamer(call: OuyaCall, decide: (visit: SignedInCall) => Promise<Decision>): Promise<Reply> {
  const read = readCall(call)
  const decided = await call.transact(async (db, transaction) => {
    const gamer = await gamerOf(db, read)
    return 'refused' in gamer ? gamer : decide({ db, transaction, gamer, form: read.form })
  })
  return replyWith(call, decided, read.warnings)
}

/** Replies to a call that needs no token. */
export async function withForm(call: OuyaCall, decide: (form: Form) => Promise<Decision>): Promise<Reply> {
  const form = formOf(call.request)
  return replyWith(call, form.ok ? await decide(form.value) : unreadable(call.request, form.reason))
}

/** Form and token of a call, with a warning if its places hold different tokens. */
export interface ReadCall {
  form: Form
  /** The refusal if the form cannot be read. */
  unreadable: Refusal | undefined
  /** False if the body is ignored. */
  takesForm: boolean
  token: PresentedToken
  warnings: string[]
}

/** Reads the form and the token of a call. */
export function readCall(call: OuyaCall): ReadCall {
  const form = formOf(call.request)
  const token = tokenOf(call.request, form.ok ? form.value : {})
  return {
    form: form.ok ? form.value : {},
    unreadable: form.ok ? undefined : unreadable(call.request, form.reason),
    takesForm: takesForm(call.request),
    token,
    warnings: warningsOf(token),
  }
}

/** Finds the gamer of a call. An invalid token is refused before an unreadable form, unless that form may hold the token. */
export async function gamerOf(db: Rows, { token: presented, unreadable: badForm, takesForm: hasForm }: ReadCall): Promise<Gamer | Refusal> {
  const { token, place } = presented
  if (token === undefined) {
    if (badForm) return badForm
    return refuse(
      'invalid-token',
      `The token is missing. Send it in the header X-OUYA-AuthToken or X-Token, or as auth_token in ${hasForm ? 'query or form' : 'the query'}; POST /api/v1/sessions returns one.`,
      { expected: await expectedToken(db, presented) },
    )
  }
  const [gamer] = await db.gamers.where('byToken', token)
  if (gamer) return badForm ?? gamer
  return refuse(
    'invalid-token',
    `The token in ${place} is ${show(token)}; no gamer is signed in with it. POST /api/v1/sessions returns one; ouya.gamers holds the known tokens.`,
    { expected: await expectedToken(db, presented) },
  )
}

function warningsOf({ others, place }: PresentedToken): string[] {
  return others.length === 0 ? [] : [`The token in ${place} counts; ${others.join(' and ')} had a different one.`]
}

function unreadable(request: Request, reason: string): Refusal {
  return refuse('required-parameter-not-provided', `The form cannot be read: ${reason}.`, { expected: expectedForm(request) })
}
