import { createHash } from 'node:crypto'
import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import { repeated } from '../../kernel/outcome.js'
import type { Api } from './api.js'
import { show, unknownPlayer, type Asked, type Db, type Decision } from './decision.js'
import { checkParameters, shapeOf, stringOf, type Parameter } from './parameters.js'
import { indexKey } from './tables.js'

/** Tells whether a player's access token (zat) is valid, and what the player logged in with. */
async function validateToken(db: Db, { app, playerId, body }: Asked): Promise<Decision> {
  const fault = checkParameters(body, tokenParameters) ?? (await unknownPlayer(db, app, playerId))
  if (fault) return fault
  const zat = stringOf(body['zat']) ?? ''
  const token = await db.accessTokens.get(app.appId, zat)
  if (token?.playerId === playerId) {
    const { lang = 'ko', market = 'googlePlay', country = 'kr' } = token
    return { kind: 'done', outcome: 'valid', sentence: `The token belongs to player ${playerId}.`, reply: { lang, market, country } }
  }
  const sentence = token
    ? `zat ${show(zat)} belongs to player ${token.playerId}, and header playerId is ${show(playerId)}.`
    : `zat ${show(zat)} is no token of app ${app.appId}; kakao.accessTokens has those.`
  return { kind: 'refused', status: 401, outcome: 'invalid-token', desc: 'Invalid player token. (401.-20007)', sentence }
}

/** The key that is the same for one member in all games. */
async function getMemberKey(db: Db, { app, playerId }: Asked): Promise<Decision> {
  const fault = await unknownPlayer(db, app, playerId)
  if (fault) return fault
  const kept = (await db.players.get(app.appId, playerId))?.memberKey
  const sentence = kept
    ? `kakao.players has this key for player ${playerId}.`
    : `Player ${playerId} has no memberKey in kakao.players; this one is made of app and player and stays the same.`
  return { kind: 'done', outcome: 'found', sentence, reply: { memberKey: kept ?? madeKey(app.appId, playerId) } }
}

/** 32 letters and digits, as the page's example has, the same each time without being kept. */
function madeKey(appId: string, playerId: string): string {
  const digest = createHash('sha256').update(`memberKey\0${appId}\0${playerId}`).digest()
  let key = ''
  for (const byte of digest) key += alphabet[byte % alphabet.length]
  return key
}

/** Unregisters a player: row, tokens and messages go, logs stay, which the platform keeps for years. */
async function removePlayer(db: Db, { app, playerId, body }: Asked): Promise<Decision> {
  const fault = checkParameters(body, removeParameters) ?? (await unknownPlayer(db, app, playerId))
  if (fault) return fault
  const wasThere = await db.players.delete(app.appId, playerId)
  for (const token of await db.accessTokens.where('byPlayer', indexKey(app.appId, playerId)))
    await db.accessTokens.delete(app.appId, token.zat)
  for (const message of await db.messages.where('byReceiver', indexKey(app.appId, playerId)))
    await db.messages.delete(app.appId, message.messageId)
  const sentence = wasThere
    ? `Player ${playerId} of app ${app.appId} is removed with tokens and messages; logs stay.`
    : `Player ${playerId} was not in kakao.players; Kakao answers as if it had been.`
  return { kind: 'done', outcome: wasThere ? 'removed' : 'not-there', sentence, reply: {} }
}

/** A client's country by its address, which the sandbox cannot tell: the app's row says it. */
async function getCountry(_: Db, { app }: Asked): Promise<Decision> {
  const country = app.country ?? 'us'
  const sentence = `The sandbox knows no places; ${country} stands ${app.country === undefined ? 'in the live capture' : 'in kakao.apps'}.`
  return { kind: 'done', outcome: 'found', sentence, reply: { country } }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const tokenParameters: readonly Parameter[] = [{ name: 'zat', type: 'String', mandatory: true }]
const removeParameters: readonly Parameter[] = [{ name: 'idpUnlink', type: 'Boolean' }]

export const validation: Api = {
  name: 'zat/validate',
  summary: 'Check a player’s access token',
  evidence: evidence('documented', 'vendor page, Validity of the AccessToken', [
    'tokens do not expire',
    'the 401 text is that of a later generation',
  ]),
  body: shapeOf(tokenParameters),
  example: { zat: 'CTUMCKKSdzX_t7-h83LK4XUuctmutgvoHaNGyqwQQjQAAAFOJAGGzw' },
  reply: z.object({ lang: z.string(), market: z.string(), country: z.string() }),
  replyExample: { lang: 'ko', market: 'googlePlay', country: 'kr' },
  outcomes: { valid: 200, 'invalid-token': 401, 'unknown-player': 406 },
  decide: validateToken,
}

export const memberKey: Api = {
  name: 'player/memberKey/get',
  summary: 'Get the member key of a player',
  evidence: evidence('documented', 'vendor page, MemberKey', ['a player without a configured key gets one made of its id']),
  mayBeEmpty: true,
  body: z.looseObject({}),
  example: {},
  reply: z.object({ memberKey: z.string() }),
  replyExample: { memberKey: 'tPeowElrV3iwgl7hQZtv11OXoRYLSvqu' },
  outcomes: { found: 200, 'unknown-player': 406 },
  decide: getMemberKey,
}

export const capriMemberKey: Api = {
  ...memberKey,
  name: 'player/capri/memberKey/get',
  summary: 'Get the member key of a player of the second generation',
  evidence: evidence('documented', 'vendor page, MemberKey', ['the same key as that of the third generation']),
}

export const removal: Api = {
  name: 'player/remove',
  summary: 'Unregister a player',
  evidence: evidence('community', 'public game-server code', [
    'no waiting time: a removed player is gone at once',
    'idpUnlink has no effect',
  ]),
  mayBeEmpty: true,
  body: shapeOf(removeParameters),
  example: { idpUnlink: true },
  reply: z.object({}),
  replyExample: {},
  outcomes: { removed: 200, 'not-there': repeated(200), 'unknown-player': 406 },
  decide: removePlayer,
}

export const country: Api = {
  name: 'util/country/get',
  summary: 'Get the country of the caller',
  evidence: evidence('recorded', 'live capture of the client SDK, in a public project', [
    'the country is configured, not found by address',
  ]),
  adminKey: 'optional',
  player: 'optional',
  mayBeEmpty: true,
  body: z.looseObject({}),
  reply: z.object({ country: z.string() }),
  replyExample: { country: 'us' },
  outcomes: { found: 200 },
  decide: getCountry,
}
