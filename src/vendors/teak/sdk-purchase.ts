import { nearMiss } from '../../kernel/body.js'
import type { Ids } from '../../kernel/ids.js'
import type { Request } from '../../kernel/request.js'
import type { Db } from './access.js'
import { show, textOf, type Parameters } from './parameters.js'
import { isSigned, stringToSign } from './sdk-signature.js'
import type { SdkReport } from './tables.js'

/** What became of a report of a client SDK. */
export type SdkOutcome =
  | { kind: 'recorded' | 'failure-recorded' | 'repeated'; report: SdkReport }
  | { kind: 'unknown-game'; gameId: unknown; advice: string }
  | { kind: 'wrong-signature'; stringToSign: string; sentence: string }
  | { kind: 'invalid'; advice: string }

/**
 * Records a purchase that an SDK saw in its store, once per store transaction, or its failure. Players come into being through the
 * SDK, so an unknown one is added.
 */
export async function recordSdkPurchase(db: Db, parameters: Parameters, { now, ids, request, requestId }: SdkContext): Promise<SdkOutcome> {
  const gameId = textOf(parameters['game_id'])
  const game = gameId === undefined ? undefined : await db.games.get(gameId)
  if (gameId === undefined || !game) {
    return { kind: 'unknown-game', gameId: parameters['game_id'], advice: gameId === undefined ? nearMiss(parameters, 'game_id') : '' }
  }
  const key = game.apiKey ?? game.secretKey
  const text = stringToSign(request, key)
  const authorization = request.header('authorization')
  // A client that was given the prefixed address signs the path it knows.
  const prefixed = stringToSign({ method: request.method, host: request.host, path: `/teak${request.path}`, body: request.body }, key)
  if (!isSigned(authorization, text, key) && !isSigned(authorization, prefixed, key)) {
    const which = game.apiKey === undefined ? 'secretKey (it has no apiKey)' : 'apiKey'
    const seen = authorization === undefined ? 'is missing' : `is ${show(authorization)}, which is no signature of this request`
    const sentence = `Authorization ${seen}; the reply's string_to_sign is to be signed with the ${which} of game ${gameId}.`
    return { kind: 'wrong-signature', stringToSign: text, sentence }
  }
  const userId = textOf(parameters['api_key'])
  if (userId === undefined) return { kind: 'invalid', advice: nearMiss(parameters, 'api_key') }

  const failure = textOf(parameters['errorCode']) ?? textOf(parameters['error_string'])
  const transaction = failure === undefined ? transactionOf(parameters) : undefined
  const reportId = transaction ?? ids.uuid()
  const first = transaction === undefined ? undefined : await db.sdkReports.get(gameId, reportId)
  if (first) return { kind: 'repeated', report: first }
  if (!(await db.players.get(gameId, userId))) db.players.put({ gameId, userId })
  const productId = textOf(parameters['product_id'])
  const report: SdkReport = {
    gameId,
    reportId,
    userId,
    ...(productId !== undefined && { productId }),
    ...(failure !== undefined && { failure }),
    body: { ...parameters },
    at: now.toISOString(),
    recordedBy: requestId,
  }
  db.sdkReports.put(report)
  return { kind: failure === undefined ? 'recorded' : 'failure-recorded', report }
}

/** What recording draws from beside rows and parameters. */
export interface SdkContext {
  now: Date
  ids: Ids
  request: Request
  requestId: string
}

/** The store's own id: of the App Store, of Google Play, then the token or Amazon's receipt id. */
function transactionOf(parameters: Parameters): string | undefined {
  return textOf(parameters['transaction_identifier']) ?? textOf(parameters['order_id']) ?? textOf(parameters['purchase_token'])
}
