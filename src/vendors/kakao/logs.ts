import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import { expectedMember } from '../../kernel/expected-member.js'
import { show } from '../../kernel/show.js'
import type { Api } from './api.js'
import { unknownPlayer, type Asked, type Db, type Decision } from './decision.js'
import { checkParameters, decimalOf, shapeOf, type Parameter } from './parameters.js'
import { absenceWarnings, doubtfulValues } from './purchase-warnings.js'

/**
 * Records a purchase log. Each accepted call gets a new log id, because the vendor documents no key by which repeats could be recognised.
 * Receipts are not checked.
 */
async function writePurchaseLog(db: Db, asked: Asked): Promise<Decision> {
  const { app, playerId, body, now } = asked
  const refused = checkParameters(body, parameters) ?? (await unknownPlayer(db, app, playerId))
  if (refused) return refused
  const doubts = doubtfulValues(body, now)
  const sentences = doubts.map(({ sentence }) => sentence)
  const [first] = doubts
  if (app.strictValues === true && first !== undefined) {
    const sentence = `${sentences.join(' ')} App ${app.appId} has strictValues; without it the purchase is recorded with warnings.`
    return {
      kind: 'refused',
      status: 400,
      outcome: 'doubtful',
      desc: `Invalid request parameter : ${first.name} is invalid`,
      sentence,
      expected: doubts.map(({ name, expected }) => expectedMember(['body', name], body[name], expected)),
    }
  }
  const warnings = [...sentences, ...absenceWarnings(body)]
  const logId = asked.ids.uuidV1(now)
  const price = decimalOf(body['price'])
  const { appId } = app
  db.purchaseLogs.put({
    logId,
    appId,
    playerId,
    body,
    warnings,
    ...(price !== undefined && { price }),
    at: now.toISOString(),
    recordedBy: asked.requestId,
  })
  const isOdd = doubts.some(({ name }) => name === 'currency')
  const currency = isOdd ? show(body['currency']) : (body['currency'] as string)
  const sentence = `Player ${playerId} of app ${appId} bought ${show(body['marketProductId'])} for ${price} ${currency}; logged as ${logId}. Each accepted call gets a new log.`
  return { kind: 'done', outcome: 'recorded', sentence, warnings, reply: { logId } }
}

const parameters: readonly Parameter[] = [
  { name: 'currency', type: 'String', mandatory: true, description: 'ISO 4217, or GPP for Google Play Points' },
  { name: 'price', type: 'BigDecimal', mandatory: true, description: 'With VAT; of GPP the number of points' },
  { name: 'os', type: 'String', mandatory: true, description: 'android, ios' },
  { name: 'country', type: 'String', mandatory: true, description: 'ISO 3166-1 alpha-2, lower case in practice' },
  { name: 'market', type: 'String', mandatory: true, description: 'googlePlay, appStore, kakaogameShop, oneStore' },
  { name: 'marketProductId', type: 'String', mandatory: true },
  { name: 'marketPurchaseTime', type: 'Long', mandatory: true, description: 'Unix milliseconds' },
  { name: 'marketOrderId', type: 'String' },
  { name: 'marketPurchaseData', type: 'Map' },
  { name: 'purchaseToken', type: 'String', description: 'Google only' },
  { name: 'grade', type: 'Long' },
  { name: 'playerLv', type: 'Long' },
  { name: 'purchasePt', type: 'Long' },
  { name: 'purchaseCount', type: 'Long' },
]

/** `log/writePurchaseLog`: records a purchase. */
export const purchaseLog: Api = {
  name: 'log/writePurchaseLog',
  summary: 'Record a purchase log',
  evidence: evidence('documented', 'vendor page, Send Log', [
    'messages in desc are ours, except for a missing parameter, whose form was captured live',
    'doubtful values of currency, country, os, market and time are warnings, because the page names no refusal for them',
    'whether the service refuses an unknown player or an absent Authorization with another status is unknown',
  ]),
  body: shapeOf(parameters),
  example: {
    grade: 100,
    currency: 'USD',
    price: 12.23,
    os: 'android',
    country: 'kr',
    market: 'googlePlay',
    marketOrderId: '123098120938.123123123',
    marketProductId: 'test gem 0003',
    marketPurchaseTime: 12312312333,
  },
  reply: z.object({ logId: z.uuid() }),
  replyExample: { logId: '9a57db20-0472-11e5-aed4-b182048b2fd8' },
  outcomes: { recorded: 200, doubtful: 400, 'unknown-player': 406 },
  decide: writePurchaseLog,
}

/**
 * The logs that are not about purchases. Clients write some of them and have no admin key. Their fields are not documented, so any object
 * is recorded.
 */
export const otherLogs: readonly Api[] = [
  otherLog('writeRoundLog', 'Record a round played'),
  otherLog('writeItemLog', 'Record a change of items'),
  otherLog('writeResourceLog', 'Record a change of resources'),
  otherLog('writeCashItemLog', 'Record a change of cash items'),
  otherLog('writeActionLog', 'Record an action'),
  otherLog('writeSdkBasicLog', 'Record a log of the SDK itself', 'optional'),
]

function otherLog(name: string, summary: string, player: 'required' | 'optional' = 'required'): Api {
  const isCaptured = name === 'writeRoundLog' || name === 'writeSdkBasicLog'
  const source = isCaptured ? 'live capture of the client SDK, in a public project' : 'named beside the captured logs of the SDK'
  return {
    name: `log/${name}`,
    summary,
    evidence: evidence(isCaptured ? 'recorded' : 'community', source, [
      'fields are not checked, because none is documented',
      'the player token (zat) that a client sends instead of an admin key is not checked',
    ]),
    adminKey: 'optional',
    player,
    body: z.looseObject({}),
    example: { market: 'googlePlay', country: 'us', os: 'android' },
    reply: z.object({ logId: z.uuid() }),
    outcomes: { recorded: 200, 'unknown-player': 406 },
    async decide(db, asked) {
      const { app, playerId, body, now } = asked
      const refused = playerId === '' ? undefined : await unknownPlayer(db, app, playerId)
      if (refused) return refused
      const logId = asked.ids.uuidV1(now)
      db.logs.put({
        logId,
        api: name,
        appId: app.appId,
        ...(playerId !== '' && { playerId }),
        body,
        at: now.toISOString(),
        recordedBy: asked.requestId,
      })
      return {
        kind: 'done',
        outcome: 'recorded',
        sentence: `${name} of app ${app.appId} is recorded as ${logId}; its fields are not checked.`,
        reply: { logId },
      }
    },
  }
}
