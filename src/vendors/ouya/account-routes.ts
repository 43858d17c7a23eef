import { createPublicKey } from 'node:crypto'
import { z } from 'zod'
import type { Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import { parsePrivateKey, parsePublicKey } from '../../pki/rsa-key.js'
import { lackOf, show, type Form } from './form.js'
import { answer, grant, refuse, type Answer } from './replies.js'
import { empty, outcomes, tokenForm, tokenQuery } from './shapes.js'
import type { Gamer, tables } from './tables.js'
import { asAnybody, asGamer, type OuyaCall, type Rows } from './visit.js'

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
    'its answer is only told to be like that of the other sign-in; razerToken, nickname and avatar are left out',
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
    'the answer is not known; it is {} here, which the client reads into anything empty',
  ]),
  request: { query: tokenQuery },
  ...outcomes({ outcomes: ['signed-out'], description: 'The token is worth nothing from now on', schema: empty }, ['invalid-token']),
  handle: async (call) => {
    const token = call.request.params['token'] ?? ''
    const decided = await call.transact(async (db) => {
      const [gamer] = await db.gamers.where('byToken', token)
      if (!gamer) return refuse('invalid-token', `The token in the path is ${show(token)}; no gamer is signed in with it.`)
      db.gamers.put({ ...gamer, signedOut: true })
      return grant('signed-out', `${gamer.username} is signed out; the next POST /api/v1/sessions gives a new token.`)
    })
    return answer(call, decided)
  },
}

const uploadKey: Route<typeof tables> = {
  method: 'PUT',
  path: '/api/v1/gamers/key',
  summary: "Store the public key of a gamer's console",
  evidence: evidence('recorded', 'store API documentation, key page; sender read in the console framework', [
    'errors are our choice, no refusal was ever recorded',
    'the field names without gamer[…] of January 2013 are not taken',
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
  handle: (call) => asGamer(call, async ({ db, gamer, form }) => storeKey(db, gamer, form)),
}

/** Sessions and the gamer key. */
export const accountRoutes = [signIn, razerSignIn, signOut, uploadKey]

const gamerKeyBits = 1024

function storeKey(db: Rows, gamer: Gamer, form: Form): Answer {
  const [username, password, key] = [form['gamer[username]'], form['gamer[password]'], form['gamer[key]']]
  if (!username || !password || !key) {
    const missing = Object.entries({ username, password, key }).flatMap(([name, value]) => (value ? [] : [`gamer[${name}]`]))
    return refuse('required-parameter-not-provided', lackOf(form, missing))
  }
  if (username !== gamer.username || password !== gamer.password) {
    const fault =
      username === gamer.username ? `gamer[password] is not the password of ${username}` : `gamer[username] is ${show(username)}`
    return refuse('invalid-authentication-data', `${fault}; the token belongs to ${gamer.username}, whose password stands in ouya.gamers.`)
  }
  const parsed = parsePublicKey(key)
  if (!parsed.ok || parsed.bits !== gamerKeyBits) {
    const fault = parsed.ok
      ? `has ${parsed.bits} bits`
      : lostPlus(key)
        ? 'has blanks inside its Base64, where a "+" stood: send each "+" as %2B'
        : parsed.reason
    const sentence = `gamer[key] ${fault}; a console uploads an RSA public key of ${gamerKeyBits} bits as PEM.`
    return refuse('field-validations-failed', sentence, { key: ['is invalid'] })
  }
  const { privateKey, ...rest } = gamer
  // Whoever uploads a new key keeps its other half, so the sandbox cannot play this console any more.
  const known = privateKey === undefined ? undefined : parsePrivateKey(privateKey)
  const isPair = known?.ok === true && createPublicKey(known.key).equals(parsed.key)
  db.gamers.put({ ...rest, key, ...(isPair && { privateKey }) })
  return grant('key-stored', `The key of ${username} is stored; purchases and receipts are sealed with it from now on.`, {}, 201)
}

/** Whether blanks stand inside lines of a key's Base64, as they do where a form was sent with a bare "+". */
function lostPlus(key: string): boolean {
  return key.split(/[\r\n]+/).some((line) => !line.includes('-----') && /\S +\S/.test(line))
}

async function signInBy(call: OuyaCall, field: 'username' | 'email', find: (db: Rows, name: string) => Promise<Gamer | undefined>) {
  return asAnybody(call, async (form) => {
    const name = form[field]
    const { password } = form
    if (name === undefined || password === undefined) {
      return refuse('required-parameter-not-provided', lackOf(form, [name === undefined ? field : 'password']))
    }
    return call.transact(async (db) => {
      const gamer = await find(db, name)
      if (gamer?.password !== password || !gamer) {
        const fault = gamer ? `password is not that of ${gamer.username}` : `${field} is ${show(name)}, of which ouya.gamers has no row`
        return refuse('invalid-authentication-data', `${fault}.`)
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
