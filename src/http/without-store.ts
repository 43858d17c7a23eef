import type { Vendor } from '../contract.js'
import { Problem } from '../kernel/problem.js'
import { json, type Reply } from '../kernel/reply.js'
import { StorageFull, type StoreUnavailable } from '../store/store.js'
import type { Exchange } from '../traffic/traffic.js'
import type { LocatedRequest } from './request.js'

/**
 * What is answered when the store does not give the request its workspace, because it cannot be reached or has no room for a new one:
 * the vendor's own words, where the request is for a vendor.
 */
export function replyWithoutStore(
  exchange: Exchange,
  vendor: Vendor | undefined,
  request: LocatedRequest,
  error: StoreUnavailable | StorageFull,
): Reply {
  const isFull = error instanceof StorageFull
  exchange.outcome = isFull ? 'storage-full' : 'unavailable'
  exchange.explanation = `${error.message} Nothing was recorded.`
  if (vendor) {
    exchange.vendor = vendor.id
    return vendor.voice({ kind: isFull ? 'storage-full' : 'unavailable', detail: error.message }, request)
  }
  const problem = isFull
    ? new Problem(507, 'storage-full', 'No room.', error.message)
    : new Problem(503, 'store-unavailable', 'The store cannot be reached.', error.message)
  return json(problem.status, problem, 'application/problem+json')
}
