import type { Form } from './form.js'
import type { Gamer } from './tables.js'
import type { Rows } from './visit.js'

/** The faults of a registration form by field, in the vendor's words; empty when there are none. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>

/**
 * Checks a registration form. The recorded refusal of an empty form shows four of the texts and how they add up; the texts about names
 * taken and confirmations are Rails' own.
 */
export async function checkRegistration(db: Rows, form: Form): Promise<FieldFaults> {
  const { username, password, email } = registrationOf(form)
  const confirmation = form['gamer[password_confirmation]']
  const faults = {
    username: [
      ...presence(username, 3),
      ...when(!/^[\w.-]+$/.test(username), 'is invalid'),
      ...when((await db.gamers.get(username)) !== undefined, 'has already been taken'),
    ],
    password: [
      ...presence(password, 0),
      ...when(password.toLowerCase().includes(username.toLowerCase()), 'cannot contain username'),
      ...when(confirmation !== undefined && confirmation !== password, "doesn't match confirmation"),
    ],
    email: [
      ...presence(email, 0),
      ...when(email !== '' && !/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(email), 'is invalid'),
      ...when((await db.gamers.where('byEmail', email.toLowerCase())).length > 0, 'has already been taken'),
    ],
    gender: when(!['', 'unknown', 'male', 'female'].includes(form['gamer[gender]'] ?? ''), 'is invalid'),
    date_of_birth: when(!isDate(form['gamer[date_of_birth]'] ?? ''), 'is invalid'),
    email_opt_out: when(!['', 'true', 'false'].includes(form['gamer[email_opt_out]'] ?? ''), 'is invalid'),
  }
  return Object.fromEntries(Object.entries(faults).filter(([, texts]) => texts.length > 0))
}

/** The row of a gamer whose form is right. They sign in next, which gives the first token that counts. */
export function registered(form: Form, ids: { uuid: string; token: string; requestId: string }): Gamer {
  const { username, password, email } = registrationOf(form)
  const gender = form['gamer[gender]']
  const dateOfBirth = form['gamer[date_of_birth]']
  return {
    username,
    password,
    uuid: ids.uuid,
    token: ids.token,
    email,
    signedOut: true,
    agreements: { marketplace: 0, privacy: 0 },
    ...((gender === 'male' || gender === 'female' || gender === 'unknown') && { gender }),
    ...(dateOfBirth && { dateOfBirth }),
    ...(form['gamer[email_opt_out]'] === 'true' && { emailOptOut: true }),
    recordedBy: ids.requestId,
  }
}

function registrationOf(form: Form) {
  return { username: form['gamer[username]'] ?? '', password: form['gamer[password]'] ?? '', email: form['gamer[email]'] ?? '' }
}

function presence(text: string, fewest: number): string[] {
  return [
    ...when(text.trim() === '', "can't be blank"),
    ...when(text.length < fewest, `is too short (minimum is ${fewest} characters)`),
    ...when(text.length > longest, `is too long (maximum is ${longest} characters)`),
  ]
}

/** Our choice: what a text column of the time held. */
const longest = 255

function when(isFault: boolean, text: string): string[] {
  return isFault ? [text] : []
}

/** MM/dd/yyyy, a day that there is; it may be left out. */
function isDate(text: string): boolean {
  if (text === '') return true
  const [, month, day, year] = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text) ?? []
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day)
}
