import type { ExpectedMember } from '../../contract.js'
import { gotValue, mostAlike, smallTable } from '../../kernel/expected-member.js'
import type { Request } from '../../kernel/request.js'
import type { Rows } from './calls.js'
import { hasFormType, type Form, type PresentedToken } from './form.js'
import type { Gamer } from './tables.js'

/** Returns the token's member with the token of a gamer who is signed in. */
export async function expectedToken(db: Rows, { token, pointer }: PresentedToken): Promise<ExpectedMember[]> {
  const known = (await smallTable(db.gamers)).find(({ signedOut }) => signedOut !== true)
  return [{ pointer, got: token, expected: known?.token ?? 'the token that POST /api/v1/sessions returns' }]
}

/** Returns what a form that cannot be read would have to be. */
export function expectedForm(request: Request): ExpectedMember[] {
  if (!hasFormType(request))
    return [{ pointer: '/headers/content-type', got: request.header('content-type'), expected: 'application/x-www-form-urlencoded' }]
  const got = gotValue(Buffer.from(request.body).toString())
  return [{ pointer: '/body', got, expected: 'a form: name=value pairs in UTF-8, percent-encoded and joined with &' }]
}

/** Returns the members of a form with what each of them takes. Pointers escape the names as RFC 6901 does. */
export function expectedFields(form: Form, accepted: Readonly<Record<string, unknown>>): ExpectedMember[] {
  return Object.entries(accepted).map(([name, expected]) => ({
    pointer: `/body/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    got: gotValue(form[name]),
    expected,
  }))
}

/** Returns the path of a request with the path that would have been found. `template` has one parameter; nothing without a known value. */
export function expectedPath(request: Request, template: string, known: string | undefined): ExpectedMember[] {
  if (known === undefined) return []
  return [{ pointer: '/path', got: request.path, expected: template.replace(/\{\w+\}/, encodeURIComponent(known)) }]
}

/** Returns the path of a request with a developer of `ouya.developers` in it. */
export async function expectedDeveloper(db: Rows, request: Request, template: string): Promise<ExpectedMember[]> {
  const known = (await smallTable(db.developers)).map(({ developerId }) => developerId)
  return expectedPath(request, template, mostAlike(request.params['developerId'], known))
}

/** Returns the members of a login with those of the gamer it names, or of the gamer whose name is most like it. */
export async function expectedLogin(
  db: Rows,
  { form, field, named }: { form: Form; field: 'username' | 'email'; named?: Gamer | undefined },
): Promise<ExpectedMember[]> {
  const gamers = named ? [named] : (await smallTable(db.gamers)).filter((gamer) => gamer[field] !== undefined)
  const name = mostAlike(
    form[field],
    gamers.map((gamer) => gamer[field] ?? ''),
  )
  const gamer = gamers.find((each) => each[field] === name)
  if (!gamer) return expectedFields(form, { [field]: `the ${field} of a gamer that POST /api/v1/gamers registered` })
  return expectedFields(form, {
    ...(named ? {} : { [field]: name }),
    ...(form['password'] === gamer.password ? {} : { password: gamer.password }),
  })
}
