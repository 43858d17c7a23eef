import type { Call } from '../../../contract.js'
import { json, type Reply } from '../../../kernel/reply.js'
import type { ApiHandler } from '../api-route.js'
import { apiErrors } from '../errors.js'
import { apiError, empty, unauthenticatedReply } from '../replies.js'
import type { AppStoreTables } from '../tables.js'
import { authenticate, expectedHeader } from './authentication.js'
import { environmentOf } from './environment.js'

/** Returns the reply to a request to the App Store Server API: first its token is checked, then the store, then the call itself. */
export async function answer(call: Call<AppStoreTables>, handler: ApiHandler, status: number): Promise<Reply> {
  const environment = environmentOf(call.request)
  const access = await authenticate(call, environment)
  if (!access.ok) {
    const sentence = `${access.sentence} Apple answers every token that it refuses with the same text.`
    call.explain('unauthenticated', sentence, { expected: [expectedHeader(call, access.expected)] })
    return unauthenticatedReply(call.id)
  }
  if (!call.reachable('app_store')) {
    call.explain('store-unreachable', 'The App Store is not reachable; "coinslot store app_store up" ends this.')
    return apiError(5000001)
  }
  const result = await handler({ call, app: access.app, environment })
  if ('code' in result) {
    const { code, sentence, expected } = result
    call.explain(apiErrors[code].outcome, sentence, { expected, warnings: access.warnings })
    return apiError(code)
  }
  call.explain(result.outcome, result.sentence, { warnings: [...access.warnings, ...(result.warnings ?? [])] })
  if (result.reply) return result.reply
  return result.body === undefined ? empty(status) : json(status, result.body)
}
