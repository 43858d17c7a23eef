import { z } from 'zod'
import { evidence } from '../../kernel/evidence.js'
import type { Api } from './api.js'
import { show, unknownPlayer, type Asked, type Db, type Decision } from './decision.js'
import { exactBody } from './exact-body.js'
import { checkParameters, decimalOf, shapeOf, type Parameter } from './parameters.js'
import { absencesOf, doubtsOf } from './purchase-warnings.js'

/**
 * Records a purchase log. No receipt is looked at and nothing is recognised as a repeat: the vendor documents no key for it, so
 * each accepted call gets a log id of its own.
 */
async function writePurchaseLog(db: Db, asked: Asked): Promise<Decision> {
  const { app, playerId, body, literals, now } = asked
  const fault = checkParameters(body, parameters, literals) ?? (await unknownPlayer(db, app, playerId))
  if (fault) return fault
  const doubts = doubtsOf(body, literals, now)
  const [first] = doubts
  if (app.strictValues === true && first !== undefined) {
    const sentence = `${doubts.join(' ')} App ${app.appId} has strictValues; without it this is recorded with a warning.`
    return {
      kind: 'refused',
      status: 400,
      outcome: 'doubtful',
      desc: `Invalid request parameter : ${first.split(' ', 1)[0]} is invalid`,
      sentence,
    }
  }
  const warnings = [...doubts, ...absencesOf(body)]
  const logId = asked.ids.uuidV1(now)
  const price = decimalOf(body['price'], literals.get('price'))
  const { appId } = app
  db.purchaseLogs.put({
    logId,
    appId,
    playerId,
    body: exactBody(asked.text),
    warnings,
    ...(price !== undefined && { price }),
    at: now.toISOString(),
    recordedBy: asked.requestId,
  })
  const sentence = `Player ${playerId} of app ${appId} bought ${show(body['marketProductId'])} for ${price} ${show(body['currency'])}; logged as ${logId}. Each accepted call gets a log of its own.`
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
  { name: 'purchaseToken', type: 'String', description: 'Google alone' },
  { name: 'grade', type: 'Long' },
  { name: 'playerLv', type: 'Long' },
  { name: 'purchasePt', type: 'Long' },
  { name: 'purchaseCount', type: 'Long' },
]

export const purchaseLog: Api = {
  name: 'log/writePurchaseLog',
  summary: 'Record a purchase log',
  evidence: evidence('documented', 'vendor page, Send Log', [
    'texts of desc are ours but for a lacking parameter, whose form was captured live',
    'values of currency, country, os, market and time are noted, not refused, as the page names no such refusal',
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
