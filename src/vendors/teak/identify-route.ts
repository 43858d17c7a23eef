import { z } from 'zod'
import type { Call, Route } from '../../contract.js'
import { evidence } from '../../kernel/evidence.js'
import type { Reply } from '../../kernel/reply.js'
import { identifyParameters, identifyPlayer, type IdentifyOutcome } from './identify.js'
import { readParameters, typeAdvice } from './parameters.js'
import { answer, faults, forbidden, noSuchGame, optOutStates, unreadable } from './replies.js'
import { credentials, faultsBody } from './shapes.js'
import type { tables } from './tables.js'

const parameters = z.looseObject({
  ...credentials,
  ...identifyParameters.shape,
  client_ip: z.string().optional().describe('This or country_code; 127.0.0.1 when nothing is known'),
  email: z.string().optional(),
  deep_link: z.string().optional().describe('Comes back, with player properties put in where it is a Teak link'),
})

const state = z.object({ state: z.string() })

/** `POST /v2/identify`: a player's session without SDK, which is how players come into being. */
export const identifyRoute: Route<typeof tables> = {
  method: 'POST',
  path: '/v2/identify',
  summary: 'Record a session of a player',
  evidence: evidence('documented', 'vendor page, Server to Server Player Sessions', [
    'no address is located: with client_ip the country is always empty, as after a failed look-up',
    'of Liquid, deep links know {{property}} alone',
    'a country_code that is not of two letters is refused with 400, our choice',
  ]),
  request: {
    json: parameters,
    form: parameters,
    example: { game_id: '123456', secret_key: 'server-secret', user_id: 'player-3', country_code: 'US' },
  },
  outcomes: { installed: 201, played: 201, unreadable: 400, invalid: 400, 'wrong-secret': 403, 'unknown-game': 404 },
  responses: {
    201: {
      description: 'The session is recorded',
      schema: z.object({
        country_code: z.string(),
        session_id: z.string(),
        opt_out_states: z.object({ email: state, push: state, sms: state }),
        deep_link: z.string().optional(),
      }),
    },
    400: { description: 'Everything that is wrong', schema: faultsBody },
    403: { description: 'Wrong or missing server secret', schema: faultsBody },
    404: { description: 'Unknown game', schema: z.object({ error: z.object({ code: z.literal(404), message: z.string() }) }) },
  },
  async handle(call) {
    const read = readParameters(call.request)
    if (!read.ok) return unreadable(call, read.reason)
    const context = { now: call.now, ids: call.ids, requestId: call.id }
    return reply(call, await call.transact((db) => identifyPlayer(db, read.value, context)))
  },
}

function reply(call: Call<typeof tables>, outcome: IdentifyOutcome): Reply {
  switch (outcome.kind) {
    case 'installed':
    case 'played': {
      const { userId, countryCode, sessionId, deepLink } = outcome
      const novelty = outcome.kind === 'installed' ? 'is new and ' : ''
      call.explain(outcome.kind, `Player ${userId} ${novelty}began session ${sessionId}.`)
      return answer(201, {
        country_code: countryCode,
        session_id: sessionId,
        opt_out_states: optOutStates,
        ...(deepLink !== undefined && { deep_link: deepLink }),
      })
    }
    case 'unknown-game':
      call.explain('unknown-game', outcome.sentence + typeAdvice(call.request))
      return noSuchGame(outcome.gameId)
    case 'wrong-secret':
      call.explain('wrong-secret', outcome.sentence + typeAdvice(call.request))
      return forbidden()
    case 'invalid':
      call.explain(
        'invalid',
        Object.entries(outcome.errors)
          .map(([name, texts]) => `${name}: ${texts.join(', ')}.`)
          .join(' ')
          .concat(outcome.advice, typeAdvice(call.request)),
      )
      return faults(400, outcome.errors)
  }
}
