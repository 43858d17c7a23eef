import { createPublicKey } from 'node:crypto'
import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { smallTable } from '../../kernel/expected-member.js'
import { parsePrivateKey, parsePublicKey } from '../../pki/rsa-key.js'
import { show } from '../../kernel/show.js'
import { expectedFields, expectedLogin, expectedPath } from './expected.js'
import { lackOf, type Form } from './form.js'
import { replyWith, grant, refuse, type Decision } from './replies.js'
import { empty, outcomes, tokenForm, tokenQuery } from './shapes.js'
import type { Gamer, tables } from './tables.js'
import { withForm, withGamer, type OuyaCall, type Rows } from './calls.js'

const sessionBody = z.object({ token: z.string() })
const session = outcomes(
  {
    outcomes: ['signed-in'],
    description: 'The token, the same one for as long as the gamer is signed in',
    schema: sessionBody,
    example: { token: '3d1f6a52-8c0b-4e7e-9b57-2f60c1a4d9e8' },
  },
  ['required-parameter-not-provided', 'invalid-authentication-data'],
)

const signIn: Route<typeof tables> = {
  method: 'POST',
  path: '/api/v1/sessions',
  summary: 'Sign in',
  evidence: evidence('recorded', 'store API documentation, sessions page', ['tokens never expire; their lifetime is not known']),
  request: { form: z.looseObject({ username: z.string(), password: z.string() }), example: { username: 'player', password: 'password' } },
  ...session,
  handle: (call) => signInBy(call, 'username', (db, username) => db.gamers.get(username)),
}

const razerSignIn: Route<typeof tables> = {
  method: 'POST',
  path: '/api/razer/session',
  summary: 'Sign in on Forge TV, by e-mail address',
  evidence: evidence('community', 'store API documentation, Razer session page', [
    'its reply is documented only as similar to that of the other sign-in; razerToken, nickname and avatar are left out',
  ]),
  request: { form: z.looseObject({ email: z.string(), password: z.string() }) },
  ...session,
  handle: (call) => signInBy(call, 'email', async (db, email) => (await db.gamers.where('byEmail', email.toLowerCase()))[0]),
}

const signOut: Route<typeof tables> = {
  method: 'DELETE',
  path: '/api/v1/sessions/{token}',
  summary: 'Sign out',
  evidence: evidence('sdk', 'console framework, session calls', [
    'the reply is not known; it is {} here, which the client also reads from an empty body',
  ]),
  request: { query: tokenQuery },
  ...outcomes({ outcomes: ['signed-out'], description: 'The token is invalid from now on', schema: empty }, ['invalid-token']),
  handle: async (call) => {
    const token = call.request.params['token'] ?? ''
    const decided = await call.transact(async (db) => {
      const [gamer] = await db.gamers.where('byToken', token)
      if (!gamer) {
        const known = (await smallTable(db.gamers)).find(({ signedOut }) => signedOut !== true)
        const expected = expectedPath(call.request, '/api/v1/sessions/{token}', known?.token)
        return refuse('invalid-token', `The token in the path is ${show(token)}; no gamer is signed in with it.`, { expected })
      }
      db.gamers.put({ ...gamer, signedOut: true })
      return grant('signed-out', `${gamer.username} is signed out; the next POST /api/v1/sessions returns a new token.`)
    })
    return replyWith(call, decided)
  },
}

const uploadKey: Route<typeof tables> = {
  method: 'PUT',
  path: '/api/v1/gamers/key',
  summary: "Store the public key of a gamer's console",
  evidence: evidence('recorded', 'store API documentation, key page; sender read in the console framework', [
    'errors are our choice, no refusal was ever recorded',
    'the field names of January 2013, without gamer[…], are not accepted',
  ]),
  request: {
    query: tokenQuery,
    form: tokenForm.extend({
      'gamer[username]': z.string(),
      'gamer[password]': z.string(),
      'gamer[key]': z.string().describe('PEM: an RSA public key of 1024 bits'),
    }),
  },
  ...outcomes({ outcomes: ['key-stored'], status: 201, description: 'Stored; it replaces the former key', schema: empty }, [
    'invalid-token',
    'required-parameter-not-provided',
    'invalid-authentication-data',
    'field-validations-failed',
  ]),
  handle: (call) => withGamer(call, async ({ db, gamer, form }) => storeKey(db, gamer, form)),
}

/** Sessions and the gamer key. */
export const accountRoutes = [signIn, razerSignIn, signOut, uploadKey]

const gamerKeyBits = 1024
const keyForm = `an RSA public key of ${gamerKeyBits} bits as PEM, from "-----BEGIN PUBLIC KEY-----" on`

function storeKey(db: Rows, gamer: Gamer, form: Form): Decision {
  const [username, password, key] = [form['gamer[username]'], form['gamer[password]'], form['gamer[key]']]
  if (!username || !password || !key) {
    const missing = Object.entries({ username, password, key }).flatMap(([name, value]) => (value ? [] : [`gamer[${name}]`]))
    const accepted = { 'gamer[username]': gamer.username, 'gamer[password]': gamer.password, 'gamer[key]': keyForm }
    const expected = expectedFields(form, accepted).filter(({ pointer }) => missing.includes(pointer.slice('/body/'.length)))
    return refuse('required-parameter-not-provided', lackOf(form, missing), { expected })
  }
  if (username !== gamer.username || password !== gamer.password) {
    const reason =
      username === gamer.username ? `gamer[password] is not the password of ${username}` : `gamer[username] is ${show(username)}`
    const expected = expectedFields(form, {
      ...(username !== gamer.username && { 'gamer[username]': gamer.username }),
      ...(password !== gamer.password && { 'gamer[password]': gamer.password }),
    })
    const sentence = `${reason}; the token belongs to ${gamer.username}, whose password is in ouya.gamers.`
    return refuse('invalid-authentication-data', sentence, { expected })
  }
  const parsed = parsePublicKey(key)
  if (!parsed.ok || parsed.bits !== gamerKeyBits) {
    const reason = parsed.ok
      ? `has ${parsed.bits} bits`
      : lostPlus(key)
        ? 'has blanks inside its Base64 in place of "+": send each "+" as %2B'
        : parsed.reason
    const sentence = `gamer[key] ${reason}; a console uploads an RSA public key of ${gamerKeyBits} bits as PEM.`
    return refuse('field-validations-failed', sentence, {
      data: { key: ['is invalid'] },
      expected: expectedFields(form, { 'gamer[key]': keyForm }),
    })
  }
  const { privateKey, ...rest } = gamer
  // The client that uploads a new key keeps its private half, so the sandbox can no longer act as this console.
  const known = privateKey === undefined ? undefined : parsePrivateKey(privateKey)
  const isPair = known?.ok === true && createPublicKey(known.key).equals(parsed.key)
  db.gamers.put({ ...rest, key, ...(isPair && { privateKey }) })
  return grant('key-stored', `The key of ${username} is stored; purchases and receipts are sealed with it from now on.`, {}, 201)
}

/** True if lines of a key's Base64 contain blanks, as in a form that was sent with an unescaped "+". */
function lostPlus(key: string): boolean {
  return key.split(/[\r\n]+/).some((line) => !line.includes('-----') && /\S +\S/.test(line))
}

async function signInBy(call: OuyaCall, field: 'username' | 'email', find: (db: Rows, name: string) => Promise<Gamer | undefined>) {
  return withForm(call, async (form) => {
    const name = form[field]
    const { password } = form
    return call.transact(async (db) => {
      if (name === undefined || password === undefined) {
        const sentence = lackOf(form, [name === undefined ? field : 'password'])
        const named = name === undefined ? undefined : await find(db, name)
        return refuse('required-parameter-not-provided', sentence, { expected: await expectedLogin(db, { form, field, named }) })
      }
      const gamer = await find(db, name)
      if (gamer?.password !== password || !gamer) {
        const reason = gamer ? `password is not that of ${gamer.username}` : `${field} is ${show(name)}; no row of ouya.gamers has it`
        return refuse('invalid-authentication-data', `${reason}.`, { expected: await expectedLogin(db, { form, field, named: gamer }) })
      }
      if (gamer.signedOut !== true) {
        return grant('signed-in', `${gamer.username} is signed in; the token is the same as before.`, { token: gamer.token })
      }
      const token = call.ids.uuid()
      const { signedOut: _, ...signedIn } = gamer
      db.gamers.put({ ...signedIn, token })
      return grant('signed-in', `${gamer.username} signed in and got a new token.`, { token })
    })
  })
}
