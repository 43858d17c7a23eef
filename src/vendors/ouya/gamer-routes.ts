import { z } from 'zod'
import type { Route } from '../../contract.js'
import { nearMiss } from '../../kernel/body.js'
import { evidence } from '../../kernel/evidence.js'
import { gamerUuidFor } from './catalog.js'
import { show } from '../../kernel/show.js'
import { expectedDeveloper, expectedFields } from './expected.js'
import { lackOf } from './form.js'
import { acceptedFields, checkRegistration, registered } from './registration.js'
import { grant, refuse } from './replies.js'
import { empty, outcomes, tokenForm, tokenQuery } from './shapes.js'
import type { tables } from './tables.js'
import { withForm, withGamer } from './calls.js'

const register: Route<typeof tables> = {
  method: 'POST',
  path: '/api/v1/gamers',
  summary: 'Register a gamer, or only check the form',
  evidence: evidence('recorded', 'store API documentation, gamers page', [
    'user names are letters, digits and _ . - here; the real rule is not known',
    'further texts than the four recorded ones are the usual ones of Rails',
    'a registered gamer can sign in at once; the real server sometimes refused the first attempt',
  ]),
  request: {
    form: z.looseObject({
      'gamer[username]': z.string(),
      'gamer[password]': z.string(),
      'gamer[password_confirmation]': z.string().optional(),
      'gamer[email]': z.string(),
      'gamer[gender]': z.enum(['unknown', 'male', 'female']).optional(),
      'gamer[date_of_birth]': z.string().optional().describe('MM/dd/yyyy'),
      'gamer[email_opt_out]': z.enum(['true', 'false']).optional(),
      dryrun: z.literal('true').optional().describe('check only'),
    }),
  },
  ...outcomes({ outcomes: ['registered', 'checked'], description: 'Registered, or the form is valid', schema: empty }, [
    'required-parameter-not-provided',
    'field-validations-failed',
  ]),
  handle: (call) =>
    withForm(call, (form) =>
      call.transact(async (db) => {
        const errors = await checkRegistration(db, form)
        const fields = Object.entries(errors).map(([name, texts]) => `${name} ${texts.join(', ')}`)
        if (fields.length > 0) {
          const advice =
            Object.keys(errors)
              .map((name) => nearMiss(form, `gamer[${name}]`))
              .find((found) => found !== '') ?? ''
          return refuse('field-validations-failed', `The form does not validate: ${fields.join('; ')}.${advice}`, {
            data: errors,
            expected: expectedFields(form, acceptedFields(form, errors)),
          })
        }
        const name = form['gamer[username]'] ?? ''
        if (form['dryrun'] === 'true') return grant('checked', `The form is valid; with dryrun=true ${show(name)} is not registered.`)
        const gamer = registered(form, { uuid: call.ids.uuid(), token: call.ids.uuid(), requestId: call.id })
        db.gamers.put(gamer)
        return grant('registered', `${gamer.username} is registered and can sign in.`)
      }),
    ),
}

const me: Route<typeof tables> = {
  method: 'GET',
  path: '/api/v1/gamers/me',
  summary: 'The gamer who is signed in',
  evidence: evidence('recorded', 'store API documentation, gamers/me page', ['settings are always empty']),
  request: { query: tokenQuery },
  ...outcomes(
    {
      outcomes: ['shown'],
      description: 'The gamer',
      schema: z.object({
        gamer: z.object({
          uuid: z.string(),
          username: z.string(),
          email: z.string(),
          founder: z.boolean(),
          settings: z.object({}),
          nickname: z.string().optional(),
          avatar: z.string().optional(),
        }),
      }),
    },
    ['invalid-token'],
  ),
  handle: (call) =>
    withGamer(call, async ({ gamer: { uuid, username, email = '', founder = false, nickname, avatar } }) => {
      const profile = { ...(nickname !== undefined && { nickname }), ...(avatar !== undefined && { avatar }) }
      return grant('shown', `The token is ${username}'s.`, { gamer: { uuid, username, email, founder, settings: {}, ...profile } })
    }),
}

const currentGamer: Route<typeof tables> = {
  method: 'GET',
  path: '/api/v1/developers/{developerId}/current_gamer',
  summary: 'The gamer who is signed in, with the uuid for one developer',
  evidence: evidence('recorded', 'store API documentation, current_gamer page', [
    "the uuid differs per developer, as the vendor's guide says; the recorded one is the same as in gamers/me",
  ]),
  request: { query: tokenQuery },
  ...outcomes(
    {
      outcomes: ['shown'],
      description: 'The gamer',
      schema: z.object({ gamer: z.object({ username: z.string(), uuid: z.string() }) }),
    },
    ['invalid-token', 'invalid-developer-uuid'],
  ),
  handle: (call) =>
    withGamer(call, async ({ db, gamer: { username, uuid } }) => {
      const developerId = call.request.params['developerId'] ?? ''
      if (!(await db.developers.get(developerId)))
        return refuse('invalid-developer-uuid', `The developer is ${show(developerId)}; no row of ouya.developers has it.`, {
          expected: await expectedDeveloper(db, call.request, '/api/v1/developers/{developerId}/current_gamer'),
        })
      const sentence = `${username}, with the uuid that receipts of developer ${developerId} carry.`
      return grant('shown', sentence, { gamer: { username, uuid: gamerUuidFor(developerId, uuid) } })
    }),
}

const registerConsole: Route<typeof tables> = {
  method: 'POST',
  path: '/api/v1/gamers/me/consoles',
  summary: 'Tie a console to the gamer',
  evidence: evidence('recorded', 'store API documentation, consoles page', [
    'a console that is registered to another gamer is not refused; only faults reply with 2008',
  ]),
  request: { query: tokenQuery, form: tokenForm.extend({ console_id: z.string() }) },
  ...outcomes({ outcomes: ['console-stored'], description: 'Stored', schema: empty }, [
    'invalid-token',
    'required-parameter-not-provided',
    'invalid-console-id',
  ]),
  handle: (call) =>
    withGamer(call, async ({ db, gamer, form }) => {
      const id = form['console_id']
      const expected = expectedFields(form, { console_id: 'a serial number: at most 64 letters, digits and : . _ -' })
      if (!id)
        return refuse('required-parameter-not-provided', lackOf(form, ['console_id'], ', the serial number of the console'), { expected })
      if (!/^[\w:.-]{1,64}$/.test(id))
        return refuse('invalid-console-id', `console_id is ${show(id)}; a serial number is at most 64 letters, digits and : . _ -`, {
          expected,
        })
      const others = (gamer.consoles ?? []).filter((known) => known !== id).slice(1 - mostConsoles)
      db.gamers.put({ ...gamer, consoles: [...others, id] })
      return grant('console-stored', `Console ${id} is tied to ${gamer.username}.`)
    }),
}

/** Calls about gamers and their consoles. */
export const gamerRoutes = [register, me, currentGamer, registerConsole]

/** Limit of a gamer's consoles; the oldest are dropped. Our choice. */
const mostConsoles = 50
