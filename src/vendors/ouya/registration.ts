import type { Form } from './form.js'
import type { Gamer } from './tables.js'
import type { Rows } from './calls.js'

/** Errors of a registration form by field, in the vendor's words; empty if the form is valid. */
export type FieldErrors = Readonly<Record<string, readonly string[]>>

/**
 * Checks a registration form. The recorded refusal of an empty form shows four of the texts and how they add up; the texts about names
 * taken and confirmations are Rails' own.
 */
export async function checkRegistration(db: Rows, form: Form): Promise<FieldErrors> {
  const { username, password, email } = registrationOf(form)
  const confirmation = form['gamer[password_confirmation]']
  const errors = {
    username: [
      ...presence(username, 3),
      ...when(!/^[\w.-]+$/.test(username), 'is invalid'),
      ...when((await db.gamers.get(username)) !== undefined, 'has already been taken'),
    ],
    password: [
      ...presence(password, 0),
      ...when(password.toLowerCase().includes(username.toLowerCase()), withUsername),
      ...when(confirmation !== undefined && confirmation !== password, noMatch),
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
  return Object.fromEntries(Object.entries(errors).filter(([, texts]) => texts.length > 0))
}

/** Returns the fields to change in a refused form, with what each of them takes. */
export function acceptedFields(form: Form, errors: FieldErrors): Record<string, string> {
  const accepted: Record<string, string> = {}
  const { username } = registrationOf(form)
  for (const [name, texts] of Object.entries(errors)) {
    // Every password contains an empty user name.
    if (username === '' && texts.every((text) => text === withUsername)) continue
    const onlyConfirmation = texts.every((text) => text === noMatch)
    if (onlyConfirmation) accepted['gamer[password_confirmation]'] = form['gamer[password]'] ?? ''
    else accepted[`gamer[${name}]`] = fieldForms[name] ?? ''
  }
  return accepted
}

const noMatch = "doesn't match confirmation"
const withUsername = 'cannot contain username'

/** Accepted values of the fields, in words. */
const fieldForms: Readonly<Record<string, string>> = {
  username: 'a user name that no gamer has: 3 to 255 letters, digits, _ . and -',
  password: 'a password of 1 to 255 characters without the user name in it',
  email: 'an e-mail address that no gamer has',
  gender: 'unknown, male or female',
  date_of_birth: 'a date as MM/dd/yyyy',
  email_opt_out: 'true or false',
}

/** Returns the row of a gamer for a valid form. The gamer signs in next, which makes the first valid token. */
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

/** The size of a string column of the time; our choice. */
const longest = 255

function when(isWrong: boolean, text: string): string[] {
  return isWrong ? [text] : []
}

/** True for an existing day as MM/dd/yyyy, and for an empty string. */
function isDate(text: string): boolean {
  if (text === '') return true
  const [, month, day, year] = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text) ?? []
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day)
}
