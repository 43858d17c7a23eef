import type { Tx } from '../calls/api-call.js'
import type { App, RefundReview } from '../tables.js'

/** Names of `notificationType` of subscriptions (Google's reference, Real-time developer notifications). */
export const subscriptionTypes = {
  1: 'SUBSCRIPTION_RECOVERED',
  2: 'SUBSCRIPTION_RENEWED',
  3: 'SUBSCRIPTION_CANCELED',
  4: 'SUBSCRIPTION_PURCHASED',
  5: 'SUBSCRIPTION_ON_HOLD',
  6: 'SUBSCRIPTION_IN_GRACE_PERIOD',
  7: 'SUBSCRIPTION_RESTARTED',
  8: 'SUBSCRIPTION_PRICE_CHANGE_CONFIRMED',
  9: 'SUBSCRIPTION_DEFERRED',
  10: 'SUBSCRIPTION_PAUSED',
  11: 'SUBSCRIPTION_PAUSE_SCHEDULE_CHANGED',
  12: 'SUBSCRIPTION_REVOKED',
  13: 'SUBSCRIPTION_EXPIRED',
  17: 'SUBSCRIPTION_ITEMS_CHANGED',
  18: 'SUBSCRIPTION_CANCELLATION_SCHEDULED',
  19: 'SUBSCRIPTION_PRICE_CHANGE_UPDATED',
  20: 'SUBSCRIPTION_PENDING_PURCHASE_CANCELED',
  22: 'SUBSCRIPTION_PRICE_STEP_UP_CONSENT_UPDATED',
} as const
export type SubscriptionType = keyof typeof subscriptionTypes

/** Names of `notificationType` of one-time products. */
export const productTypes = { 1: 'ONE_TIME_PRODUCT_PURCHASED', 2: 'ONE_TIME_PRODUCT_CANCELED' } as const
export type ProductType = keyof typeof productTypes

/** Subject of a real-time developer notification. */
export type Notice =
  | { about: 'subscription'; type: SubscriptionType; token: string; productId: string | undefined }
  | { about: 'product'; type: ProductType; token: string; productId: string | undefined }
  | { about: 'voided'; token: string; orderId: string; productType: 1 | 2; refundType: 1 | 2 }
  | { about: 'refund-review'; token: string; review: RefundReview; accountId: string | undefined; profileId: string | undefined }
  | { about: 'test' }

/** A composed push request. */
export interface PushMessage {
  messageId: string
  kind: string
  body: string
}

/** Composes the push request of a notice. */
export function composePush({ ids, now }: Pick<Tx, 'ids' | 'now'>, app: App, notice: Notice): PushMessage {
  const messageId = ids.digits(17)
  const at = now.toISOString()
  const content = {
    version: '1.0',
    packageName: app.packageName,
    eventTimeMillis: String(now.getTime()),
    ...contentOf(notice, app.rtdn?.legacy === true),
  }
  const body = JSON.stringify({
    message: {
      attributes: {},
      data: Buffer.from(JSON.stringify(content)).toString('base64'),
      messageId,
      message_id: messageId,
      publishTime: at,
      publish_time: at,
    },
    subscription: app.rtdn?.subscription ?? 'projects/coinslot-sandbox/subscriptions/play-rtdn',
  })
  return { messageId, kind: nameOf(notice), body }
}

/** Queues the push request of a notice, if the app has a URL for it. */
export function notify(tx: Tx, app: App | undefined, notice: Notice): void {
  if (app?.rtdn?.url === undefined) return
  if (notice.about === 'product' && app.rtdn.oneTime === false) return
  push(tx, { app, url: app.rtdn.url, message: composePush(tx, app, notice), token: 'token' in notice ? notice.token : undefined })
}

/** A push request with its address. */
export interface Push {
  app: App
  url: string
  message: PushMessage
  token: string | undefined
}

/** Queues a push request, and keeps it as a row. Returns the id of its delivery. */
export function push({ db, transaction, now }: Tx, { app, url, message, token }: Push): string {
  const { email, audience = url } = app.rtdn ?? {}
  const deliveryId = transaction.deliver({
    kind: 'google-push',
    event: message.kind,
    url,
    headers: { 'Content-Type': 'application/json' },
    body: message.body,
    // Notifications of one purchase are sent in order.
    lane: token ?? message.messageId,
    ...(email !== undefined && { data: { email, audience } }),
  })
  db.messages.put({
    messageId: message.messageId,
    packageName: app.packageName,
    kind: message.kind,
    ...(token !== undefined && { token }),
    body: message.body,
    deliveryId,
    at: now.toISOString(),
  })
  return deliveryId
}

function contentOf(notice: Notice, isLegacy: boolean): Record<string, unknown> {
  switch (notice.about) {
    case 'subscription': {
      const { type, token, productId } = notice
      const legacy = isLegacy && productId !== undefined ? { subscriptionId: productId } : {}
      return { subscriptionNotification: { version: '1.0', notificationType: type, purchaseToken: token, ...legacy } }
    }
    case 'product': {
      const { type, token, productId } = notice
      return { oneTimeProductNotification: { version: '1.0', notificationType: type, purchaseToken: token, sku: productId ?? '' } }
    }
    case 'voided': {
      const { token, orderId, productType, refundType } = notice
      return { voidedPurchaseNotification: { purchaseToken: token, orderId, productType, refundType } }
    }
    case 'refund-review': {
      const { pendingRefundToken, orderId, reason } = notice.review
      const content = {
        version: '1.0',
        pendingRefundToken,
        orderId,
        refundReason: reason,
        ...(notice.accountId !== undefined && { obfuscatedAccountId: notice.accountId }),
        ...(notice.profileId !== undefined && { obfuscatedProfileId: notice.profileId }),
      }
      return { pendingRefundReviewNotification: content }
    }
    case 'test':
      return { testNotification: { version: '1.0' } }
  }
}

function nameOf(notice: Notice): string {
  switch (notice.about) {
    case 'subscription':
      return subscriptionTypes[notice.type]
    case 'product':
      return productTypes[notice.type]
    case 'voided':
      return 'VOIDED_PURCHASE'
    case 'refund-review':
      return 'PENDING_REFUND_REVIEW'
    case 'test':
      return 'TEST'
  }
}
