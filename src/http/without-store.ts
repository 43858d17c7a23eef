import type { Vendor } from '../contract.js'
import { Problem } from '../kernel/problem.js'
import { json, type Reply } from '../kernel/reply.js'
import type { StoreUnavailable } from '../store/store.js'
import type { Exchange } from '../traffic/traffic.js'
import type { LocatedRequest } from './request.js'

/** What is answered while the shared store cannot be reached: the vendor's own words, where the request is for a vendor. */
export function replyWithoutStore(exchange: Exchange, vendor: Vendor | undefined, request: LocatedRequest, error: StoreUnavailable): Reply {
  exchange.outcome = 'unavailable'
  exchange.explanation = `${error.message} Nothing was recorded.`
  if (vendor) {
    exchange.vendor = vendor.id
    return vendor.voice({ kind: 'unavailable', detail: error.message }, request)
  }
  const problem = new Problem(503, 'store-unavailable', 'The store cannot be reached.', error.message)
  return json(problem.status, problem, 'application/problem+json')
}
