import type { Call, Scope, VendorTables, Transaction } from '../../contract.js'
import type { Reply } from '../../kernel/reply.js'
import { formOf, show, tokenOf, type Form, type PresentedToken } from './form.js'
import { answer, refuse, type Answer, type Refusal } from './replies.js'
import type { Gamer, tables } from './tables.js'

/** OUYA's view of a workspace, of a call and of its rows. */
export type OuyaScope = Scope<typeof tables>
export type OuyaCall = Call<typeof tables>
export type Rows = VendorTables<typeof tables>

/** A call by somebody who is signed in, inside a transaction. */
export interface Visit {
  db: Rows
  transaction: Transaction
  gamer: Gamer
  form: Form
}

/** Answers a call that needs a token: finds the gamer and decides in one transaction. */
export async function asGamer(call: OuyaCall, decide: (visit: Visit) => Promise<Answer>): Promise<Reply> {
  const read = readCall(call)
  const decided = await call.transact(async (db, transaction) => {
    const gamer = await gamerOf(db, read)
    return 'refused' in gamer ? gamer : decide({ db, transaction, gamer, form: read.form })
  })
  return answer(call, decided, read.warnings)
}

/** Answers a call that needs no token, with its form. */
export async function asAnybody(call: OuyaCall, decide: (form: Form) => Promise<Answer>): Promise<Reply> {
  const form = formOf(call.request)
  return answer(call, form.ok ? await decide(form.value) : unreadable(form.reason))
}

/** The form and the token of a call, with a warning where the token differs from place to place. */
export interface ReadCall {
  form: Form
  /** The form cannot be read. */
  fault: Refusal | undefined
  token: PresentedToken
  warnings: string[]
}

/** Reads what every call with a token has. */
export function readCall(call: OuyaCall): ReadCall {
  const form = formOf(call.request)
  const token = tokenOf(call.request, form.ok ? form.value : {})
  return {
    form: form.ok ? form.value : {},
    fault: form.ok ? undefined : unreadable(form.reason),
    token,
    warnings: warningsOf(token),
  }
}

/** Finds who a call is by. The token comes before a form that cannot be read, unless that form may have held it. */
export async function gamerOf(db: Rows, { token: { token, place }, fault }: ReadCall): Promise<Gamer | Refusal> {
  if (token === undefined) {
    if (fault) return fault
    return refuse(
      'invalid-token',
      'There is no token: it goes into the header X-OUYA-AuthToken or X-Token, the query or the form field auth_token, and comes from POST /api/v1/sessions.',
    )
  }
  const [gamer] = await db.gamers.where('byToken', token)
  if (gamer) return fault ?? gamer
  return refuse(
    'invalid-token',
    `The token in ${place} is ${show(token)}; no gamer is signed in with it. POST /api/v1/sessions gives one, and ouya.gamers has those there are.`,
  )
}

function warningsOf({ others, place }: PresentedToken): string[] {
  return others.length === 0 ? [] : [`The token in ${place} counts; ${others.join(' and ')} had another one.`]
}

function unreadable(reason: string): Refusal {
  return refuse('required-parameter-not-provided', `The form cannot be read: ${reason}.`)
}
