import type { ExpectedMember } from '../../../contract.js'
import { gotValue } from '../../../kernel/expected-member.js'
import { show } from '../../../kernel/show.js'
import { refuse, type ApiCall, type ApiRefusal } from '../api-route.js'
import { environmentOfRow, type Chain } from '../chains/chain.js'
import { findChain, openChain } from '../chains/open.js'
import type { TransactionScope } from '../chains/scope.js'
import type { ApiErrorCode } from '../errors.js'
import { appTransactionIdOf } from '../payloads/app-transaction.js'

/** Options for finding the purchase of a path parameter. */
export interface Finding {
  parameter: 'transactionId' | 'originalTransactionId'
  /** Error of an id that is malformed, and of one that is not known. */
  invalid: ApiErrorCode
  unknown: ApiErrorCode
  /** `accepted`: an appTransactionId finds a purchase of its customer. `refused`: it is refused by name. Absent: it is an unknown id. */
  appTransactionId?: 'accepted' | 'refused'
}

/** Errors of a call with a transaction id of any kind. */
export const anyTransaction: Finding = { parameter: 'transactionId', invalid: 4000006, unknown: 4040010 }

/** Returns the id in the path, or the refusal of a malformed one. */
export function idIn({ call }: ApiCall, { parameter, invalid }: Finding): string | ApiRefusal {
  const id = call.request.params[parameter] ?? ''
  if (/^\d{1,64}$/.test(id)) return id
  const expected = 'up to 64 digits'
  return refuse(invalid, `The id in the path is ${show(id)}.`, [{ pointer: '/path', got: gotValue(id), expected }])
}

/** Finds the purchase that the path of a call names. */
export async function findPurchase(tx: TransactionScope, api: ApiCall, finding: Finding): Promise<Chain | ApiRefusal> {
  const id = idIn(api, finding)
  if (typeof id !== 'string') return id
  const found = await findChain(tx, id, api)
  if (!('missing' in found)) return found
  const ofCustomer = finding.appTransactionId === undefined ? undefined : await byAppTransactionId(tx, api, id)
  if (ofCustomer && finding.appTransactionId === 'accepted') return ofCustomer
  if (ofCustomer) return refuse(4000048, `${id} is the id of an app transaction.`, [expectedId(api, finding, ofCustomer)])
  return refuse(finding.unknown, `Transaction ${id} ${found.missing}.`, [
    { pointer: '/path', got: gotValue(id), expected: `a transaction id of ${api.app.bundleId} in ${api.environment}` },
  ])
}

function expectedId(api: ApiCall, finding: Finding, { row }: Chain): ExpectedMember {
  return { pointer: '/path', got: gotValue(api.call.request.params[finding.parameter]), expected: row.token }
}

/** App transaction ids are made from the rows, so the rows are searched. */
async function byAppTransactionId(tx: TransactionScope, { app, environment }: ApiCall, id: string): Promise<Chain | undefined> {
  if (!/^704\d{15}$/.test(id)) return undefined
  for (const row of await tx.transaction.marketplace.list('app_store', { app: app.bundleId })) {
    if (environmentOfRow(row) !== environment || appTransactionIdOf({ row, app }) !== id) continue
    const chain = await openChain(tx, row, app)
    if (chain) return chain
  }
  return undefined
}

/** Returns the purchases of the customer of a purchase, in one environment; without a customer the purchase alone. */
export async function purchasesOfCustomer(tx: TransactionScope, chain: Chain): Promise<Chain[]> {
  const { row, app } = chain
  if (row.customer === undefined) return [chain]
  const rows = await tx.transaction.marketplace.list('app_store', { app: app.bundleId, customer: row.customer })
  const chains: Chain[] = []
  for (const each of rows) {
    if (environmentOfRow(each) !== environmentOfRow(row)) continue
    const opened = each.token === row.token ? chain : await openChain(tx, each, app)
    if (opened) chains.push(opened)
  }
  return chains
}
