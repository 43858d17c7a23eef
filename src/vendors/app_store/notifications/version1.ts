import { isSubscription } from '../../../marketplace/marketplace.js'
import { latestOf, type Chain } from '../chains/chain.js'
import { openChain } from '../chains/open.js'
import type { TransactionScope } from '../chains/scope.js'
import { expirationIntentOf, isRenewing } from '../chains/state.js'
import { dateForms } from '../receipts/dates.js'
import { latestItem } from '../receipts/items.js'
import { pendingRenewal } from '../receipts/renewals.js'
import { latestItems, mintLatest } from '../receipts/unified-answer.js'
import { keepNotification, type Notice, type NotificationSubject } from './notify.js'

const mostListed = 100

/**
 * Sends a notification of version 1, which is not signed (Apple's reference, responseBodyV1). Version 1 has no notification for a one-time
 * purchase, an expiry, an extension and an answer to a refund request; nothing is sent then.
 */
export async function sendVersion1(tx: TransactionScope, chain: Chain, notice: Notice, subject: NotificationSubject): Promise<void> {
  const type = typeOf(notice, chain)
  if (type === undefined) return
  const { app, environment } = subject
  const { productId, originalTransactionId } = latestOf(chain)
  const customers = await chainsOfCustomer(tx, chain)
  const latest = latestItems({ chains: customers, excludeOld: false }).slice(0, mostListed)
  const intent = isSubscription(chain.row) ? expirationIntentOf(chain, tx.now) : undefined
  const body = {
    notification_type: type,
    ...(app.sharedSecret !== undefined && { password: app.sharedSecret }),
    environment: environment === 'Production' ? 'PROD' : 'Sandbox',
    bid: app.bundleId,
    bvrs: '1.0',
    ...(isSubscription(chain.row) && {
      auto_renew_product_id: chain.row.productId ?? productId,
      auto_renew_status: String(isRenewing(chain)),
    }),
    ...(type === 'DID_CHANGE_RENEWAL_STATUS' && dateForms('auto_renew_status_change_date', tx.now)),
    ...(intent !== undefined && { expiration_intent: String(intent) }),
    original_transaction_id: originalTransactionId,
    unified_receipt: {
      environment,
      latest_receipt: mintLatest(tx, { bundleId: app.bundleId, environment }, latest),
      latest_receipt_info: latest.map(latestItem),
      pending_renewal_info: customers.filter(({ row }) => isSubscription(row)).map((each) => pendingRenewal(each, tx.now)),
      status: 0,
    },
  }
  keepNotification(tx, subject, { notificationUUID: tx.ids.uuid(), version: 1, type, signedPayload: JSON.stringify(body) })
}

const renamed: Readonly<Record<string, string>> = {
  'SUBSCRIBED/INITIAL_BUY': 'INITIAL_BUY',
  'SUBSCRIBED/RESUBSCRIBE': 'INTERACTIVE_RENEWAL',
  'DID_RENEW/BILLING_RECOVERY': 'DID_RECOVER',
  'PRICE_INCREASE/PENDING': 'PRICE_INCREASE_CONSENT',
}

const same = new Set([
  'CONSUMPTION_REQUEST',
  'DID_CHANGE_RENEWAL_PREF',
  'DID_CHANGE_RENEWAL_STATUS',
  'DID_FAIL_TO_RENEW',
  'DID_RENEW',
  'REVOKE',
])

function typeOf({ type, subtype }: Notice, { row }: Chain): string | undefined {
  if (type === 'REFUND') return isSubscription(row) ? 'CANCEL' : 'REFUND'
  return renamed[`${type}/${subtype}`] ?? (same.has(type) ? type : undefined)
}

async function chainsOfCustomer(tx: TransactionScope, chain: Chain): Promise<Chain[]> {
  const { row, app } = chain
  if (row.customer === undefined) return [chain]
  const chains = [chain]
  for (const other of await tx.transaction.marketplace.list('app_store', { app: app.bundleId, customer: row.customer })) {
    if (other.token === row.token || other.testPurchase !== row.testPurchase) continue
    const opened = await openChain(tx, other, app)
    if (opened) chains.push(opened)
  }
  return chains
}
