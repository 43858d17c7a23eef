import { createHash } from 'node:crypto'
import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import { expectedMember } from '../../kernel/expected-member.js'
import { repeated } from '../../kernel/outcome.js'
import { show } from '../../kernel/show.js'
import type { Api } from './api.js'
import { unknownPlayer, type Asked, type Db, type Decision } from './decision.js'
import { checkParameters, shapeOf, stringOf, type Parameter } from './parameters.js'
import { indexKey } from './tables.js'

/** Checks that an access token (zat) belongs to the player, and returns the player's language, market and country. */
async function validateToken(db: Db, { app, playerId, body }: Asked): Promise<Decision> {
  const refused = checkParameters(body, tokenParameters) ?? (await unknownPlayer(db, app, playerId))
  if (refused) return refused
  const zat = stringOf(body['zat']) ?? ''
  const token = await db.accessTokens.get(app.appId, zat)
  if (token?.playerId === playerId) {
    const { lang = 'ko', market = 'googlePlay', country = 'kr' } = token
    return { kind: 'done', outcome: 'valid', sentence: `The token belongs to player ${playerId}.`, reply: { lang, market, country } }
  }
  const sentence = token
    ? `zat ${show(zat)} belongs to player ${token.playerId}, and header playerId is ${show(playerId)}.`
    : `zat is ${show(zat)}; app ${app.appId} has no such row in kakao.accessTokens.`
  const [own] = await db.accessTokens.where('byPlayer', indexKey(app.appId, playerId))
  const expected = token
    ? expectedMember(['headers', 'playerid'], playerId, token.playerId)
    : expectedMember(['body', 'zat'], zat, own?.zat ?? `the zat of a row of kakao.accessTokens of player ${playerId}`)
  return {
    kind: 'refused',
    status: 401,
    outcome: 'invalid-token',
    desc: 'Invalid player token. (401.-20007)',
    sentence,
    expected: [expected],
  }
}

/** Returns the member key, which is the same for a member in all games. */
async function getMemberKey(db: Db, { app, playerId }: Asked): Promise<Decision> {
  const refused = await unknownPlayer(db, app, playerId)
  if (refused) return refused
  const kept = (await db.players.get(app.appId, playerId))?.memberKey
  const sentence = kept
    ? `kakao.players has this memberKey of player ${playerId}.`
    : `Player ${playerId} has no memberKey in kakao.players; this one is derived from app and player and never changes.`
  return { kind: 'done', outcome: 'found', sentence, reply: { memberKey: kept ?? madeKey(app.appId, playerId) } }
}

/** Derives 32 letters and digits, like the page's example, without storing them. */
function madeKey(appId: string, playerId: string): string {
  const digest = createHash('sha256').update(`memberKey\0${appId}\0${playerId}`).digest()
  let key = ''
  for (const byte of digest) key += alphabet[byte % alphabet.length]
  return key
}

/** Unregisters a player: deletes row, tokens and messages. Logs stay, because the platform keeps them for years. */
async function removePlayer(db: Db, { app, playerId, body }: Asked): Promise<Decision> {
  const refused = checkParameters(body, removeParameters) ?? (await unknownPlayer(db, app, playerId))
  if (refused) return refused
  const wasThere = await db.players.delete(app.appId, playerId)
  for (const token of await db.accessTokens.where('byPlayer', indexKey(app.appId, playerId)))
    await db.accessTokens.delete(app.appId, token.zat)
  for (const message of await db.messages.where('byReceiver', indexKey(app.appId, playerId)))
    await db.messages.delete(app.appId, message.messageId)
  const sentence = wasThere
    ? `Player ${playerId} of app ${app.appId} is removed, with tokens and messages; logs stay.`
    : `Player ${playerId} is not in kakao.players; Kakao answers as for a removed player.`
  return { kind: 'done', outcome: wasThere ? 'removed' : 'not-there', sentence, reply: {} }
}

/** Returns the country of the app's row, because the sandbox locates no address. */
async function getCountry(_: Db, { app }: Asked): Promise<Decision> {
  const country = app.country ?? 'us'
  const source = app.country === undefined ? 'the live capture' : 'the app in kakao.apps'
  const sentence = `The sandbox locates no address; ${country} is the country of ${source}.`
  return { kind: 'done', outcome: 'found', sentence, reply: { country } }
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const tokenParameters: readonly Parameter[] = [{ name: 'zat', type: 'String', mandatory: true }]
const removeParameters: readonly Parameter[] = [{ name: 'idpUnlink', type: 'Boolean' }]

/** `zat/validate`: checks a player's access token. */
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

/** `player/memberKey/get`: the member key of a player. */
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

/** `player/capri/memberKey/get`: the same key under the second generation's name. */
export const capriMemberKey: Api = {
  ...memberKey,
  name: 'player/capri/memberKey/get',
  summary: 'Get the member key of a player of the second generation',
  evidence: evidence('documented', 'vendor page, MemberKey', ['the same key as that of the third generation']),
}

/** `player/remove`: unregisters a player. */
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

/** `util/country/get`: the country of the caller. */
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
